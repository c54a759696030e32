//! Whose word about a client's address is believed.

use std::net::IpAddr;

use ipnet::IpNet;

use super::reader::Reader;

/// `TRUSTED_PROXIES`: addresses and networks (`10.0.0.0/8`), comma-separated. Absent: nobody's word is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let wants = "addresses and networks such as 10.1.2.3 and 10.0.0.0/8, comma-separated";
        let text = reader.text("TRUSTED_PROXIES").unwrap_or_default();
        let mut trusted = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => trusted.push(network),
                Err(_) => reader.fault("TRUSTED_PROXIES", format!("{part:?}"), wants),
            }
        }
        Self(trusted)
    }

    /// Who asks: the peer, or whoever a trusted peer says it is (`X-Forwarded-For`). Each proxy adds, at the right,
    /// whom it was asked by, so the rightmost that isn't trusted is the last that somebody trusted has seen.
    pub fn client<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut said = forwarded.rev().flat_map(|line| line.rsplit(','));
        while self.0.iter().any(|network| network.contains(&client)) {
            match said.next().and_then(|word| word.trim().parse::<IpAddr>().ok()) {
                Some(before) => client = before.to_canonical(),
                None => break,
            }
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let source = |name: &str| (name == "TRUSTED_PROXIES").then(|| trusted.to_owned());
        let mut reader = Reader::new(&source);
        let proxies = TrustedProxies::read(&mut reader);
        let proxies = reader.finish(proxies).unwrap();
        proxies.client(peer.parse().unwrap(), forwarded.iter().copied()).to_string()
    }

    #[test]
    fn only_the_trusted_are_believed_and_only_what_they_have_seen() {
        let said = ["1.1.1.1, 198.51.100.7", "10.0.0.9"];
        assert_eq!(client("", "10.0.0.1", &said), "10.0.0.1");
        assert_eq!(client("10.0.0.1", "10.0.0.1", &said), "10.0.0.9");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &said), "198.51.100.7", "not what it claims to be");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", &said), "192.0.2.1", "nobody trusted asks");
        assert_eq!(client("10.0.0.0/8", "::ffff:10.0.0.1", &said), "198.51.100.7");
        assert_eq!(client("::1, 10.0.0.0/8", "::1", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn what_cant_be_read_is_nobody() {
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["198.51.100.7, nonsense"]), "10.0.0.1");
    }
}
