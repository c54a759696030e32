//! An event as sockets are sent it: written once, however many they are.

use std::cell::OnceCell;

use engineioxide::Str;
use rmpv::Value as Packed;
use serde_json::value::RawValue;

use super::parser::{least_bytes, packed};

/// An event that was serialised before.
pub struct Packet<'a> {
    pub name: &'a str,
    payload: &'a RawValue,
    text: OnceCell<Str>,
    packed: OnceCell<(Packed, usize)>,
}

impl<'a> Packet<'a> {
    pub fn new(name: &'a str, payload: &'a RawValue) -> Self {
        Self { name, payload, text: OnceCell::new(), packed: OnceCell::new() }
    }

    /// For those who speak JSON, as it travels: `42["name",payload]`. All share its memory.
    pub fn text(&self) -> Str {
        let write = || {
            let name = serde_json::to_string(self.name).expect("a name is text");
            format!("42[{name},{}]", self.payload.get()).into()
        };
        self.text.get_or_init(write).clone()
    }

    /// For those who speak MessagePack: the payload, and the fewest bytes that the event can be sent in.
    pub fn packed(&self) -> (&Packed, usize) {
        let pack = || {
            let payload = packed(self.payload);
            let bytes = self.name.len() + least_bytes(&payload);
            (payload, bytes)
        };
        let (payload, bytes) = self.packed.get_or_init(pack);
        (payload, *bytes)
    }
}
