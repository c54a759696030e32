//! What is said on the bus, and how it is written.

use std::{borrow::Cow, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    realtime::{addresses::Crowds, census::Has},
    wire::{SessionId, StreamId, UserId},
};

/// About one stream.
#[derive(Debug, Clone)]
pub enum News {
    /// It has grown to this number. No content: that is read from the database.
    Grown(i64),
    /// Not kept anywhere: typing, read marks. Whoever has blocked its author isn't told.
    Ephemeral { name: Cow<'static, str>, payload: Arc<RawValue>, author: UserId },
}

/// About who may do what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// These sessions have ended.
    Ended { sessions: Vec<SessionId>, reason: String },
    /// Something about this user is otherwise now: the role, most likely.
    Changed { user: UserId },
    /// This user's own stream has grown to this number.
    Noted { user: UserId, seq: i64 },
    /// One of them has blocked the other, or takes it back.
    Blocked { blocker: UserId, blocked: UserId, is_blocked: bool },
    /// These streams have grown to these numbers, whoever follows them.
    Grown(Vec<(StreamId, i64)>),
    /// What a node has of a user's sockets.
    Has(Has),
    /// Who may see whether this person is here, or whom this person may see, is otherwise now.
    Look { user: UserId },
    /// What a node has of addresses that have many sockets.
    Crowds(Crowds),
}

/// What a node says of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sign {
    /// Is connected here.
    Here,
    /// Isn't any more, since this moment.
    Gone(DateTime<Utc>),
}

/// Whatever is said, and about what.
#[derive(Debug, Clone)]
pub enum Word {
    News(StreamId, News),
    Notice(Notice),
    /// About a person, and which node says it.
    Sign(UserId, Uuid, Sign),
    /// Between the adapters, on a channel that they name.
    Adapter(String, Vec<u8>),
}

/// What is said to all nodes.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToAll {
    Notice(Notice),
    /// I am here, and will say so again soon.
    Here,
    /// I am stopping.
    Bye,
}

/// [`News`] as it is written.
#[derive(Serialize, Deserialize)]
enum Written<'a> {
    Grown(i64),
    Ephemeral {
        name: Cow<'a, str>,
        #[serde(borrow)]
        payload: &'a RawValue,
        author: UserId,
    },
}

impl News {
    fn written(&self) -> Written<'_> {
        match self {
            Self::Grown(seq) => Written::Grown(*seq),
            Self::Ephemeral { name, payload, author } => {
                Written::Ephemeral { name: Cow::Borrowed(name), payload, author: *author }
            }
        }
    }

    pub fn encode(&self, from: Uuid) -> Vec<u8> {
        encode(from, &self.written())
    }

    pub fn decode(text: &[u8]) -> serde_json::Result<Self> {
        Ok(match serde_json::from_slice(text)? {
            Written::Grown(seq) => Self::Grown(seq),
            Written::Ephemeral { name, payload, author } => {
                Self::Ephemeral { name: name.into_owned().into(), payload: payload.to_owned().into(), author }
            }
        })
    }
}

impl ToAll {
    pub fn encode(&self, from: Uuid) -> Vec<u8> {
        encode(from, self)
    }
}

impl Sign {
    pub fn encode(&self, from: Uuid) -> Vec<u8> {
        encode(from, self)
    }
}

/// The node that says it in sixteen bytes, for it hears itself as well; then JSON.
fn encode(from: Uuid, word: &impl Serialize) -> Vec<u8> {
    let mut bytes = from.as_bytes().to_vec();
    serde_json::to_writer(&mut bytes, word).expect("words are plain data");
    bytes
}

/// Who says it, and the JSON.
pub fn split(bytes: &[u8]) -> Option<(Uuid, &[u8])> {
    let (from, text) = bytes.split_first_chunk()?;
    Some((Uuid::from_bytes(*from), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let from = Uuid::from_u128(7);
        let payload: Arc<RawValue> = RawValue::from_string(r#"{"a":[1,"é"]}"#.into()).unwrap().into();
        let author = UserId::generate();
        let bytes = News::Ephemeral { name: "typing".into(), payload: payload.clone(), author }.encode(from);
        let (who, text) = split(&bytes).unwrap();
        assert_eq!(who, from);
        let News::Ephemeral { name, payload: read, author: by } = News::decode(text).unwrap() else {
            panic!()
        };
        assert_eq!((name.as_ref(), read.get(), by), ("typing", payload.get(), author));
        let grown = News::Grown(9).encode(from);
        assert!(matches!(News::decode(split(&grown).unwrap().1), Ok(News::Grown(9))));
    }

    #[test]
    fn what_a_newer_node_says_is_an_error_and_no_panic() {
        assert!(News::decode(br#"{"Unheard":{"of":1}}"#).is_err());
        assert!(serde_json::from_slice::<ToAll>(br#""Unheard""#).is_err());
        assert!(split(b"too short").is_none());
    }
}
