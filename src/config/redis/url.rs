//! `REDIS_URL=redis[s]://[[user]:password@]host[:port][/database]`.

use url::Url;

use super::{Parts, Reader, Secret, address, address::HostPort, database};

const NAME: &str = "REDIS_URL";
const WANTS: &str = "redis://:password@host:6379/0, or rediss:// for TLS";

/// Reads the URL; what it says of login, database and TLS goes into the parts. What stands beside it has to say
/// the same: one of two answers is a mistake.
pub fn read(reader: &mut Reader, parts: &mut Parts) -> Option<HostPort> {
    let text = reader.text(NAME)?;
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "redis" | "rediss"));
    let whole = url.and_then(|url| {
        let host = HostPort::new(url.host_str()?, url.port().unwrap_or(address::PORT))?;
        let number = match url.path().trim_start_matches('/') {
            "" => None,
            text => Some(database(text)?),
        };
        let username = Some(decoded(url.username())?).filter(|name| !name.is_empty());
        let password = match url.password() {
            Some(password) => Some(Secret::new(decoded(password)?)),
            None => None,
        };
        let bare = url.query().is_none() && url.fragment().is_none();
        bare.then(|| (host, number, username, password, url.scheme() == "rediss"))
    });
    let Some((server, number, username, password, tls)) = whole else {
        reader.fault(NAME, "another text (not shown: it may hold a password)", WANTS);
        return None;
    };
    let mut differs = |name: &str, yes: bool| {
        if yes {
            reader.fault(name, format!("another answer than {NAME}'s"), "one answer, not two");
        }
    };
    differs("REDIS_HOST", parts.host.as_deref().is_some_and(|host| host != server.host));
    differs("REDIS_PORT", parts.port.is_some_and(|port| port != server.port));
    differs("REDIS_USERNAME", two(&parts.username, &username));
    differs("REDIS_PASSWORD", two(&parts.password, &password));
    differs("REDIS_DB", two(&parts.database, &number));
    differs("REDIS_TLS", parts.tls.is_some_and(|wanted| wanted != tls));
    parts.username = username.or(parts.username.take());
    parts.password = password.or(parts.password.take());
    parts.database = number.or(parts.database);
    parts.tls = Some(tls);
    Some(server)
}

/// Whether both are given, and differ.
fn two<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

/// Undoes `%40` and the like.
fn decoded(text: &str) -> Option<String> {
    // A form's pair decodes alike, but for `+`.
    let pair = format!("={}", text.replace('+', "%2B"));
    let (_, value) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    (!value.contains('\u{FFFD}')).then(|| value.into_owned())
}
