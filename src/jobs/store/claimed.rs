//! What a claim gives.

use sea_orm::FromQueryResult;
use uuid::Uuid;

/// A job that is this worker's for now.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Claimed {
    pub id: Uuid,
    pub kind: String,
    pub version: i32,
    pub payload: String,
    /// From 1 on.
    pub attempt: i32,
    pub fence: i64,
    /// Its deadline has passed.
    pub is_late: bool,
    /// It has been due for so long that nobody seems to be there who knows it.
    pub is_old: bool,
}
