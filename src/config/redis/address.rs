//! Where a server listens.

use std::fmt;

/// Redis' own port.
pub const PORT: u16 = 6379;

/// A name or an address, and a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    pub host: String,
    pub port: u16,
}

impl HostPort {
    /// `None` when the host can't be one.
    pub fn new(host: &str, port: u16) -> Option<Self> {
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits =
            !host.is_empty() && (host.chars().all(plain) || host.parse::<std::net::Ipv6Addr>().is_ok());
        fits.then(|| Self { host: host.to_owned(), port })
    }

    /// `host`, `host:port`, `[v6]` or `[v6]:port`.
    fn parse(text: &str, default: u16) -> Option<Self> {
        let split = text.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
        match split {
            Some((host, port)) => Self::new(host, port.parse().ok().filter(|port| *port != 0)?),
            None => Self::new(text, default),
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// Some of them, apart by commas.
pub fn list(text: &str, default: u16) -> Option<Vec<HostPort>> {
    text.split(',').map(|one| HostPort::parse(one.trim(), default)).collect()
}
