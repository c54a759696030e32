//! How a client's packets are written: as JSON, or as MessagePack for those who ask for it.
//!
//! All that is sent is written once, as JSON, for any number of sockets; what is sent as MessagePack is made of that.

use std::sync::Arc;

use hyper::Uri;
use rmpv::Value as Packed;
use serde_json::{Value, value::RawValue};
use socketioxide::{
    extract::Data,
    handler::{FromMessageParts, Value as Raw},
    socket::Socket,
};

use super::Adapter;
use crate::problem::Problem;

/// What stands in a payload where bytes were sent, as Socket.IO writes it.
const PLACEHOLDER: &str = "_placeholder";

/// The two parsers that official clients have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parser {
    Json,
    MsgPack,
}

impl Parser {
    /// As the request's address says; nothing when there is no such parser. All requests of a session say the same.
    pub fn of(uri: &Uri) -> Option<Self> {
        let pairs = uri.query().unwrap_or_default().split('&');
        match pairs.filter_map(|pair| pair.strip_prefix("parser=")).next() {
            None | Some("json") => Some(Self::Json),
            Some("msgpack") => Some(Self::MsgPack),
            Some(_) => None,
        }
    }
}

/// What is to be sent as MessagePack.
pub fn packed(json: &RawValue) -> Packed {
    serde_json::from_str(json.get()).expect("it is JSON, and not deep")
}

/// The fewest bytes that this can be sent in, whichever way it is written.
pub fn least_bytes(value: &Packed) -> usize {
    match value {
        Packed::String(text) => text.as_bytes().len() + 1,
        Packed::Binary(bytes) | Packed::Ext(_, bytes) => bytes.len() + 1,
        Packed::Array(items) => 1 + items.iter().map(least_bytes).sum::<usize>(),
        Packed::Map(pairs) => {
            1 + pairs.iter().map(|(key, value)| least_bytes(key) + least_bytes(value)).sum::<usize>()
        }
        _ => 1,
    }
}

/// How much a client has sent, attachments included.
pub fn bytes_of(raw: &Raw) -> usize {
    match raw {
        Raw::Str(text, attached) => text.len() + attached.iter().flatten().map(|it| it.len()).sum::<usize>(),
        Raw::Bytes(bytes) => bytes.len(),
    }
}

/// An event's payload. No event takes bytes: they are shown as something that no schema admits in their place; what is
/// nothing but bytes is nothing.
pub fn payload_of(socket: &Arc<Socket<Adapter>>, raw: &mut Raw) -> Result<Value, Problem> {
    if let Raw::Str(_, attached) = raw {
        // Their placeholders stay.
        *attached = None;
    }
    let payload = match Data::<Value>::from_message_parts(socket, raw, &None) {
        Ok(Data(payload)) => payload,
        Err(_) => match Data::<Packed>::from_message_parts(socket, raw, &None) {
            Ok(Data(packed)) => serde_json::to_value(without_bytes(packed)).unwrap_or_default(),
            // As JavaScript writes half a character: "\ud83e".
            Err(error) => {
                let detail = format!("must be JSON of whole characters: {error}");
                return Err(Problem::invalid_field("", "unreadable", detail));
            }
        },
    };
    Ok(if payload.get(PLACEHOLDER).is_some() { Value::Null } else { payload })
}

fn without_bytes(value: Packed) -> Packed {
    match value {
        Packed::Binary(_) | Packed::Ext(..) => Packed::Map(vec![(PLACEHOLDER.into(), true.into())]),
        Packed::Array(items) => Packed::Array(items.into_iter().map(without_bytes).collect()),
        Packed::Map(pairs) => {
            Packed::Map(pairs.into_iter().map(|(key, value)| (key, without_bytes(value))).collect())
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::to_raw_value};

    use super::*;

    #[test]
    fn the_address_says_which() {
        let of = |query: &str| Parser::of(&format!("/socket.io/?EIO=4{query}").parse().unwrap());
        assert_eq!([of(""), of("&parser=json")], [Some(Parser::Json); 2]);
        assert_eq!(of("&transport=polling&parser=msgpack&t=1"), Some(Parser::MsgPack));
        assert_eq!([of("&parser="), of("&parser=cbor"), of("&parser=msgpack2")], [None; 3]);
    }

    #[test]
    fn nothing_is_counted_as_more_than_is_sent() {
        let value = json!({
            "text": "😀 \u{1} \"quoted\"", "numbers": [0, -1, 255, 70_000, 1.5, i64::MAX], "none": null, "long": "x".repeat(70_000),
            "yes": true, "empty": [{}, [], ""], "many": (0..100).collect::<Vec<_>>(),
        });
        let packed = packed(&to_raw_value(&value).unwrap());
        let least = least_bytes(&packed);
        let (msgpack, json) = (rmp_serde::to_vec(&packed).unwrap().len(), value.to_string().len());
        assert!(least <= msgpack && least <= json, "{least} of {msgpack} and {json}");
        assert!(10 * least > 9 * msgpack, "{least} of {msgpack}");
    }
}
