//! Catching up: what happened after a place in a stream.

use poem_openapi::{
    Object,
    types::{Example, ParseFromJSON, ToJSON, Type},
};
use serde::Serialize;
use uuid::{Uuid, uuid};

/// What happened after a place, in order.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct CatchUp<T: Type + ParseFromJSON + ToJSON + Example> {
    pub items: Vec<T>,
    /// The number of the newest event.
    pub head_seq: i64,
    /// Which life of the database this is. When it isn't the one you know: forget what you have.
    pub epoch: Uuid,
    /// Whether there is more between the last item and the head.
    pub has_more: bool,
    /// You asked for what comes after an event that doesn't exist, or is no longer kept: forget what you have, begin at 0.
    pub resync: bool,
}

/// Where a stream was when it was read.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    pub seq: i64,
    pub epoch: Uuid,
}

impl<T: Type + ParseFromJSON + ToJSON + Example> CatchUp<T> {
    /// What was read after a place: as many as there are, or as many as fit. A stream loses its oldest events only:
    /// when the first that is read isn't the next, those between are no longer kept.
    pub fn new(after: i64, head: Head, mut items: Vec<T>, seq: impl Fn(&T) -> i64) -> Self {
        let Head { seq: head_seq, epoch } = head;
        let next = items.first().map_or(head_seq + 1, &seq);
        let resync = after > head_seq || after > 0 && next > after + 1;
        if resync {
            items.clear();
        }
        let has_more = items.last().is_some_and(|last| seq(last) < head_seq);
        Self { items, head_seq, epoch, has_more, resync }
    }
}

impl<T: Type + ParseFromJSON + ToJSON + Example> Example for CatchUp<T> {
    fn example() -> Self {
        let epoch = uuid!("01980a1e-7c00-7000-8000-0000000000ee");
        Self { items: vec![T::example()], head_seq: 42, epoch, has_more: false, resync: false }
    }
}
