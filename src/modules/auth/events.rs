//! What signing in and administering tell a person's other sockets, through the person's own stream.

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    guards::{Role, kind},
    realtime::ServerEvent,
    wire::{SessionId, Timestamp},
};

/// One of my sessions has ended. Its own sockets are told with `revoked`.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct SessionEnded {
    pub seq: i64,
    pub at: Timestamp,
    pub session_id: SessionId,
    /// As in `revoked`; more may come.
    pub reason: String,
}

impl ServerEvent for SessionEnded {
    const NAME: &'static str = kind::SESSION_ENDED;
    const SUMMARY: &'static str = "One of my sessions has ended";
}

/// I am something else now.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct AccountChanged {
    pub seq: i64,
    pub at: Timestamp,
    /// As it is now.
    pub role: Role,
}

impl ServerEvent for AccountChanged {
    const NAME: &'static str = kind::ACCOUNT_CHANGED;
    const SUMMARY: &'static str = "My role or my account's status was changed";
}
