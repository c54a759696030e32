//! Where to listen, and how much a client may ask for.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use super::{Environment, TrustedProxies, reader::Reader};

#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `HOST`: 127.0.0.1 in development, 0.0.0.0 in production.
    pub host: IpAddr,
    /// `PORT`, 4000. 0 takes any free one.
    pub port: u16,
    /// `TLS_CERT` and `TLS_KEY`: both or neither. Without them TLS is the business of what stands before.
    pub tls: Option<TlsFiles>,
    /// `API_PREFIX`, `/api/v1`: starts with a slash and doesn't end with one.
    pub api_prefix: String,
    /// `MAX_CONNECTIONS`, 20,000: beyond it a connection is told 503 and closed.
    pub max_connections: usize,
    /// `MAX_BODY_BYTES`, 256 KiB: of a request.
    pub max_body: usize,
    /// `HEADER_TIMEOUT_SECS`, 75: for a request's head to arrive, idle time before it included; longer than
    /// the 60 s for which balancers keep idle connections.
    pub header_timeout: Duration,
    /// `BODY_TIMEOUT_SECS`, 15: for a request's body to arrive.
    pub body_timeout: Duration,
    /// `REQUEST_TIMEOUT_SECS`, 30: for a handler to answer; a socket's event has 15 s at most.
    pub request_timeout: Duration,
    /// `SOCKET_AUTH_TIMEOUT_SECS`, 10: for a socket to say who it is, once it has connected.
    pub socket_auth_timeout: Duration,
    /// Who says truly from which address a client comes.
    pub trusted_proxies: TrustedProxies,
    /// `MAX_SOCKETS_PER_USER`, 50, on all nodes: beyond it the oldest is closed.
    pub max_sockets_per_user: usize,
    /// `MAX_SOCKETS_PER_ADDRESS`, 1,000, on all nodes together: beyond it a new one is refused.
    pub max_sockets_per_address: usize,
    /// `SOCKET_EVENTS_PER_SECOND`, 100: messages that one socket may send in the long run, and other events in
    /// proportion; a few thousand at once.
    pub socket_events_per_second: u32,
    /// `DRAIN_NOTICE_SECS`: how long `/health/ready` says 503 before connections are closed, so that
    /// balancers look elsewhere first. 5 in production, else 0.
    pub drain_notice: Duration,
    /// `DRAIN_TIMEOUT_SECS`, 20: for all work in flight to finish after that.
    pub drain_timeout: Duration,
    /// `METRICS_TOKEN`: what a scraper must send as a bearer token. In production `/metrics` is
    /// closed without it.
    pub metrics_token: Option<super::Secret>,
}

/// Two files in PEM. They may change while the program runs.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The server's certificate first, then those between it and an authority that clients know.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl ServerConfig {
    pub(super) fn read(reader: &mut Reader, environment: Environment) -> Self {
        let production = environment == Environment::Production;
        let host = if production { [0, 0, 0, 0] } else { [127, 0, 0, 1] };
        let mut seconds =
            |name, default, least, most| Duration::from_secs(reader.within(name, default, least, most));
        // Nobody could be served in no time.
        let header_timeout = seconds("HEADER_TIMEOUT_SECS", 75, 1, 600);
        let body_timeout = seconds("BODY_TIMEOUT_SECS", 15, 1, 600);
        let request_timeout = seconds("REQUEST_TIMEOUT_SECS", 30, 1, 600);
        let socket_auth_timeout = seconds("SOCKET_AUTH_TIMEOUT_SECS", 10, 1, 60);
        // To stop in no time is what some want.
        let drain_notice = seconds("DRAIN_NOTICE_SECS", if production { 5 } else { 0 }, 0, 300);
        let drain_timeout = seconds("DRAIN_TIMEOUT_SECS", 20, 0, 300);
        Self {
            host: reader
                .parse(&["HOST"], "an IP address, such as 0.0.0.0", |text| match text {
                    "localhost" => Some([127, 0, 0, 1].into()),
                    other => other.parse().ok(),
                })
                .unwrap_or(host.into()),
            port: reader.within("PORT", 4000, 0, u16::MAX),
            tls: tls(reader),
            api_prefix: reader
                .parse(&["API_PREFIX"], "a path such as api/v1", parse_prefix)
                .unwrap_or_else(|| "/api/v1".into()),
            max_connections: reader.within("MAX_CONNECTIONS", 20_000, 1, 1_000_000),
            max_body: reader.within("MAX_BODY_BYTES", 256 * 1024, 1024, 64 * 1024 * 1024),
            header_timeout,
            body_timeout,
            request_timeout,
            socket_auth_timeout,
            trusted_proxies: TrustedProxies::read(reader),
            max_sockets_per_user: reader.within("MAX_SOCKETS_PER_USER", 50, 1, 1_000_000),
            max_sockets_per_address: reader.within("MAX_SOCKETS_PER_ADDRESS", 1000, 1, 1_000_000),
            socket_events_per_second: reader.within("SOCKET_EVENTS_PER_SECOND", 100, 1, 1_000_000),
            drain_notice,
            drain_timeout,
            metrics_token: reader.text("METRICS_TOKEN").map(super::Secret::new),
        }
    }
}

fn tls(reader: &mut Reader) -> Option<TlsFiles> {
    match (reader.text("TLS_CERT"), reader.text("TLS_KEY")) {
        (Some(certificate), Some(key)) => {
            return Some(TlsFiles { certificate: certificate.into(), key: key.into() });
        }
        (Some(_), None) => reader.fault("TLS_KEY", "nothing", "the PEM file with the key of TLS_CERT"),
        (None, Some(_)) => {
            reader.fault("TLS_CERT", "nothing", "the PEM file with the certificate of TLS_KEY")
        }
        (None, None) => {}
    }
    None
}

/// Accepts `api/v1`, `/api/v1` and `/api/v1/`; nothing that begins where something else is served.
fn parse_prefix(text: &str) -> Option<String> {
    const TAKEN: [&str; 4] = ["api-docs", "health", "metrics", "socket.io"];
    let path = text.trim_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let whole = |segment: &str| !segment.is_empty() && segment.chars().all(plain);
    let mut segments = path.split('/');
    let fits = segments.clone().all(|segment| whole(segment) && segment != "." && segment != "..");
    let free = segments.next().is_some_and(|first| !TAKEN.contains(&first));
    (fits && free).then(|| format!("/{path}"))
}
