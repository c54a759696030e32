use poem_openapi::Object;
use validator::Validate;

use crate::{
    problem::codes::NotFound,
    realtime::{ClientEvent, Watching},
    wire::UserId,
};

/// `watchPresence`.
pub struct WatchPresence;

impl ClientEvent for WatchPresence {
    const NAME: &'static str = "watchPresence";
    const SUMMARY: &'static str = "Be told when these people come and go, and no others";
    type Payload = WatchPayload;
    type Ack = Watching;
    type Refusals = NotFound;
}

#[derive(Object, Validate)]
#[oai(rename = "WatchPresence", rename_all = "camelCase", deny_unknown_fields, example)]
pub struct WatchPayload {
    /// People with whom I share a conversation, in place of those before; none: no more of it.
    #[oai(validator(max_items = 200, unique_items))]
    pub user_ids: Vec<UserId>,
}
