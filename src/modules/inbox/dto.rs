use poem_openapi::Object;
use serde::Serialize;
use serde_json::Value;

use crate::{problem::Problem, realtime::Pushed};

/// An event of my own stream, the same as it is pushed.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "OwnEvent", example)]
pub struct OwnEventDto {
    /// Grows by one from event to event.
    pub seq: i64,
    /// The name of the socket event that it is pushed as; more may come.
    pub kind: String,
    /// What that event holds.
    pub data: Value,
}

impl TryFrom<Pushed> for OwnEventDto {
    type Error = Problem;

    fn try_from(event: Pushed) -> Result<Self, Problem> {
        let data = serde_json::from_str(event.payload.get()).map_err(Problem::internal)?;
        Ok(Self { seq: event.seq, kind: event.name.to_owned(), data })
    }
}
