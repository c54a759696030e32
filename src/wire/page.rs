//! Lists: a limit, an opaque cursor, and `{items, nextCursor}`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem_openapi::{
    Object,
    types::{Example, ParseFromJSON, ToJSON, Type},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::problem::{Problem, codes};

/// One page of a list.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Page<T: Type + ParseFromJSON + ToJSON + Example> {
    pub items: Vec<T>,
    /// Give it as `cursor` to read on; absent on the last page.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T: Type + ParseFromJSON + ToJSON + Example> Example for Page<T> {
    fn example() -> Self {
        Self { items: vec![T::example()], next_cursor: Some("WzE3NjczMjMwNDVd".into()) }
    }
}

/// Where a page starts and how long it may be.
#[derive(Debug, Clone, Copy)]
pub struct PageQuery<K> {
    pub limit: u64,
    /// The key of the last row of the page before.
    pub after: Option<K>,
}

impl<K: Cursor> PageQuery<K> {
    /// From the query's `limit` (1 to 100, 20 when absent) and `cursor`.
    pub fn new(limit: Option<u64>, cursor: Option<String>) -> Result<Self, Problem> {
        Ok(Self { limit: limit.unwrap_or(20), after: cursor.map(|text| K::decode(&text)).transpose()? })
    }

    /// Makes the page from rows read with one more than the limit: its presence says there is more.
    pub fn page<R, T>(&self, mut rows: Vec<R>, key: impl Fn(&R) -> K, item: impl FnMut(R) -> T) -> Page<T>
    where
        T: Type + ParseFromJSON + ToJSON + Example,
    {
        let more = rows.len() as u64 > self.limit;
        rows.truncate(self.limit as usize);
        let next_cursor = rows.last().filter(|_| more).map(|row| key(row).encode());
        Page { items: rows.into_iter().map(item).collect(), next_cursor }
    }
}

/// A keyset key as an opaque text.
pub trait Cursor: Sized {
    fn encode(&self) -> String;
    /// Fails on a text that [`Cursor::encode`] didn't write.
    fn decode(text: &str) -> Result<Self, Problem>;
}

impl<T: Serialize + DeserializeOwned> Cursor for T {
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("keys are plain data"))
    }

    fn decode(text: &str) -> Result<Self, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        // U+0000 is in no key of ours, and PostgreSQL can't even compare with it.
        let bytes = bytes.filter(|bytes| !bytes.windows(6).any(|six| six == br"\u0000"));
        let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        key.ok_or_else(|| Problem::of::<codes::CursorInvalid>("Use a nextCursor as it was given, or none."))
    }
}
