//! What a socket is refused with, and its events.

use serde_json::Value;

use crate::{
    guards::{Guard, SignedIn},
    problem::{Code, Kinds, codes::*},
    realtime::{EventMeta, Namespace},
};

type OfHandshake = (TokenMissing, TokenInvalid, TokenExpired, SessionEnded, OriginRefused, TooManySockets);
/// Its session is asked for before every event; its payload is checked; it may wait in vain.
type OfEvents = (TokenExpired, SessionEnded, BodyTooLarge, Invalid, TooManyEvents, Unavailable);
/// What anything may be refused with.
type Always = (Internal, Overloaded);

pub fn of_handshake(codes: &[&'static Code]) -> Vec<&'static Code> {
    in_order([OfHandshake::codes(), Invalid::codes()].concat(), codes)
}

/// What the event's type says, its guard, and what goes without saying.
///
/// # Panics
/// When a code is named that isn't among these.
pub fn of_event(event: &EventMeta, codes: &[&'static Code]) -> Vec<&'static Code> {
    for code in &event.refusals {
        assert!(codes.contains(code), "{} is refused with, but in no module's `problems`", code.name);
    }
    let mut met = [OfEvents::codes(), Always::codes(), event.refusals.clone()].concat();
    if event.guard != SignedIn::NAME {
        met.extend(Forbidden::codes());
    }
    in_order(met, codes)
}

/// What some event is refused with, one that there isn't among them.
pub fn of_any_event(namespace: &Namespace, codes: &[&'static Code]) -> Vec<&'static Code> {
    let of_events = namespace.events().flat_map(|event| of_event(event, codes));
    in_order(of_events.chain(EventUnknown::codes()).collect(), codes)
}

/// In the order of the list, each once.
fn in_order(met: Vec<&'static Code>, codes: &[&'static Code]) -> Vec<&'static Code> {
    codes.iter().copied().filter(|code| met.contains(code)).collect()
}

pub fn names(codes: &[&'static Code]) -> Value {
    codes.iter().map(|code| code.name).collect()
}
