use std::collections::BTreeMap;

use poem_openapi::{Enum, Object};
use serde::Serialize;

use crate::wire::Timestamp;

/// How the node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything works.
    Ok,
    /// A check fails.
    Error,
    /// Shutting down: send work elsewhere.
    Draining,
}

/// The node's health.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    pub status: Status,
    /// Seconds since the start.
    pub uptime: u64,
    pub timestamp: Timestamp,
    pub environment: String,
    pub version: String,
    /// By name. `redis` is there when it is set; when it fails the node serves all the same, and what other nodes
    /// store arrives within seconds instead of at once.
    pub checks: BTreeMap<String, Check>,
}

/// The health and how many accounts there are.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct ApiHealth {
    pub status: Status,
    pub timestamp: Timestamp,
    /// Counted at most every ten seconds.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users_count: Option<u64>,
}

/// One check.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    pub status: Status,
    /// Milliseconds.
    pub response_time: u64,
    /// What is wrong, or worth knowing.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The process answers.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct Alive {
    pub status: Status,
}
