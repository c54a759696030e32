//! Packets as no client should write them, and some as it should.

use rmpv::Value as Packed;
use serde_json::{Value, json};

use super::chance::Chance;
use crate::support::Chat;

/// What is sent of a WebSocket's message, or of a polling client's body.
#[derive(Debug, Clone)]
pub enum Packet {
    Text(Vec<u8>),
    Binary(Vec<u8>),
}

const NAMES: [&str; 8] =
    ["sendMessage", "joinConversation", "typing", "markRead", "react", "editMessage", "renew", "unheardOf"];

/// What stands between the kind of a packet and what is in it.
const HEADS: [&str; 12] = [
    "",
    "7",
    "0",
    "-1",
    "99999999999999999999",
    "/,",
    "/admin,",
    "/é,1",
    "/nowhere",
    "1-",
    "99999999999-",
    "1e9",
];

/// Said at the least likely moment.
const WORDS: [&str; 26] = [
    "",
    "41",
    "41/",
    "0",
    "0{}",
    "2",
    "3",
    "2probe",
    "3probe",
    "5",
    "6",
    "7",
    "b",
    "b!",
    "4",
    "4abc",
    "44",
    "44{\"message\":\"no\"}",
    "47[]",
    "42",
    "42{}",
    "42[]",
    "42[null,1]",
    "42[[\"typing\"]]",
    "43[]",
    "431[{\"ok\":true}]",
];

/// Socket.IO as JSON.
pub fn json_packet(chance: &mut Chance, chat: &Chat) -> Packet {
    let text = match chance.below(12) {
        0 => chance.one_of(&WORDS).to_owned(),
        1 => format!("4{}{}{}", chance.below(8), chance.one_of(&HEADS), event(chance, chat)),
        2 => format!(
            "45{}{}",
            chance.one_of(&HEADS),
            json!(["sendMessage", { "_placeholder": true, "num": 9 }])
        ),
        3 => format!(
            "451-[\"sendMessage\",{{\"_placeholder\":{},\"num\":0}}]",
            chance.one_of(&["true", "1", "[]"])
        ),
        4 => format!("42[\"sendMessage\",{}", nested(chance)),
        5 => format!(
            "40{}",
            chance.one_of(&["", "{", "[]", "{}", "{\"token\":1}", "/admin,{}", "/\u{1F600},", "null"])
        ),
        6 => format!("421[{},{}]", json!("\0".repeat(chance.below(5000))), value(chance, 3)),
        7 if chance.once_in(8) => format!("42[\"sendMessage\",{}]", json!("x".repeat(chance.below(600_000)))),
        8 => return Packet::Binary(chance.bytes(64)),
        _ => format!("42{}{}", chance.below(100), event(chance, chat)),
    };
    let bytes = text.into_bytes();
    Packet::Text(if chance.once_in(3) { chance.spoilt(bytes) } else { bytes })
}

/// Socket.IO as MessagePack.
pub fn msgpack_packet(chance: &mut Chance, chat: &Chat) -> Packet {
    let data = match chance.below(4) {
        0 => Packed::Binary(chance.bytes(64)),
        1 => (0..chance.below(300)).fold(Packed::Nil, |inner, _| Packed::Array(vec![inner])),
        _ => serde_json::from_str(&event(chance, chat)).expect("it is JSON"),
    };
    let (kind, id) = (chance.below(8), chance.below(100));
    let mut pairs = vec![
        ("type".into(), kind.into()),
        ("nsp".into(), chance.one_of(&["/", "/", "/", "/admin", "", "é"]).into()),
        ("data".into(), data),
        ("id".into(), id.into()),
    ];
    if chance.once_in(4) {
        pairs.remove(chance.below(4));
    }
    let packed = rmp_serde::to_vec(&Packed::Map(pairs)).expect("it can be packed");
    match chance.below(8) {
        0 => Packet::Text(chance.one_of(&WORDS).into()),
        // A map, an array, a text of four thousand million.
        1 => Packet::Binary(
            [&[chance.one_of(&[0xdf, 0xdd, 0xdb, 0xc6]), 255, 255, 255, 255], &packed[..]].concat(),
        ),
        2 | 3 => Packet::Binary(chance.spoilt(packed)),
        _ => Packet::Binary(packed),
    }
}

/// A name and a payload; now and then the right one.
fn event(chance: &mut Chance, chat: &Chat) -> String {
    let payload = match chance.below(3) {
        0 => value(chance, 3),
        1 => {
            json!({ "conversationId": chat.id, "seq": chance.below(9), "isTyping": true, "content": value(chance, 1) })
        }
        _ => chat.payload(&Chat::message("a word amid the noise")),
    };
    json!([chance.one_of(&NAMES), payload]).to_string()
}

fn value(chance: &mut Chance, depth: usize) -> Value {
    match chance.below(if depth == 0 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => json!(chance.once_in(2)),
        2 => json!(chance.one_of(&[0.0, -1.5, 1e300, 9_007_199_254_740_993.0])),
        3 => json!(chance.one_of(&["", "é", "\u{0}", "\u{feff}", "00000000-0000-0000-0000-000000000000"])),
        4 => json!(chance.one_of(&[i64::MIN, -1, 0, i64::MAX])),
        5 => (0..chance.below(4)).map(|_| value(chance, depth - 1)).collect(),
        _ => {
            let names = ["conversationId", "messageId", "content", "_placeholder", "num", "__proto__", ""];
            (0..chance.below(4))
                .map(|_| (chance.one_of(&names).to_owned(), value(chance, depth - 1)))
                .collect()
        }
    }
}

/// Deeper than anything that is meant, and closed or not.
fn nested(chance: &mut Chance) -> String {
    let (depth, (open, close)) = (chance.below(5000), chance.one_of(&[("[", "]"), ("{\"a\":", "}")]));
    let end = if chance.once_in(2) { close.repeat(depth) + "]" } else { String::new() };
    format!("{}1{end}", open.repeat(depth))
}
