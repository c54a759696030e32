//! How many sockets an address has, on all nodes together, those that haven't said who they are included.

mod elsewhere;

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use prometheus_client::metrics::gauge::Gauge;

pub use elsewhere::Crowds;
use elsewhere::Elsewhere;

use crate::infra::metrics::Counted;

/// The sockets of each address.
pub struct Addresses {
    most: usize,
    /// Counts the places of all.
    sessions: Gauge,
    /// On this node.
    open: Mutex<HashMap<IpAddr, Open>>,
    elsewhere: Elsewhere,
}

/// What an address has here.
#[derive(Debug, Default, Clone, Copy)]
struct Open {
    taken: usize,
    /// Too many, and being told so in words that a Socket.IO client understands; as many again may be.
    refused: usize,
}

/// A socket's place among those of its address; given back with the last of its clones.
#[derive(Clone)]
pub struct Place(Arc<Held>);

struct Held {
    of: Arc<Addresses>,
    address: IpAddr,
    kind: Kind,
    _session: Counted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One of a neighbour's.
    Uncounted,
    Taken,
    Refused,
}

impl Addresses {
    pub fn new(most: usize, sessions: Gauge) -> Arc<Self> {
        Arc::new(Self { most, sessions, open: Mutex::default(), elsewhere: Elsewhere::default() })
    }

    /// A place for a socket from this address; none when there are far too many.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = subscriber(address);
        let kind = if is_near(address) { Kind::Uncounted } else { self.count(address)? };
        let _session = Counted::in_gauge(&self.sessions);
        Some(Place(Arc::new(Held { of: self.clone(), address, kind, _session })))
    }

    fn count(&self, address: IpAddr) -> Option<Kind> {
        let elsewhere = self.elsewhere.of(address);
        let mut all = self.open();
        let mut open = all.get(&address).copied().unwrap_or_default();
        let kind = if open.taken + elsewhere < self.most {
            open.taken += 1;
            Kind::Taken
        } else if open.refused < self.most {
            open.refused += 1;
            Kind::Refused
        } else {
            return None;
        };
        all.insert(address, open);
        Some(kind)
    }

    /// Each change is a single step, so the table is whole even after a panic.
    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Whether its address has too many.
    pub fn is_too_many(&self) -> bool {
        self.0.kind == Kind::Refused
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut all = self.of.open();
        let Some(open) = all.get_mut(&self.address) else { return };
        match self.kind {
            Kind::Uncounted => return,
            Kind::Taken => open.taken -= 1,
            Kind::Refused => open.refused -= 1,
        }
        if open.taken == 0 && open.refused == 0 {
            all.remove(&self.address);
        }
    }
}

/// Of IPv6 somebody has a whole network, of 64 bits at least.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

/// This machine, or one beside it: a proxy that nobody has named, which speaks for many.
fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.to_bits() == 0 || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let addresses = Addresses::new(2, Gauge::default());
        let enter = |address: &str| addresses.enter(address.parse().unwrap());
        let mut places: Vec<_> = (0..4).map(|_| enter("198.51.100.7").unwrap()).collect();
        assert_eq!(places.iter().map(Place::is_too_many).collect::<Vec<_>>(), [false, false, true, true]);
        assert!(enter("198.51.100.7").is_none());
        assert!(!enter("198.51.100.8").unwrap().is_too_many(), "others have their own");
        let twice = places[0].clone();
        // Those that are being refused don't keep others from what has become free.
        places.drain(..2);
        let again = enter("198.51.100.7").unwrap();
        assert!(!again.is_too_many());
        assert!(enter("198.51.100.7").is_none());
        drop((places, twice, again));
        assert!(addresses.open().is_empty());
    }

    #[test]
    fn a_network_is_one_and_a_neighbour_speaks_for_many() {
        let addresses = Addresses::new(1, Gauge::default());
        let enter = |address: &str| addresses.enter(address.parse().unwrap());
        let _one = enter("2001:db8::1").unwrap();
        assert!(enter("2001:db8::2").unwrap().is_too_many());
        assert!(!enter("2001:db8:0:1::1").unwrap().is_too_many());
        for near in ["127.0.0.1", "10.1.2.3", "::1", "fe80::1", "fd00::1", "::ffff:192.168.0.1"] {
            let all: Vec<_> = (0..10).map(|_| enter(near)).collect();
            assert!(all.into_iter().flatten().all(|place| !place.is_too_many()), "{near}");
        }
    }
}
