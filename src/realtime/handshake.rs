//! What a socket says when it connects.

use serde::Deserialize;
use serde_json::Value;

use super::streams::Since;
use crate::problem::Problem;

/// The `auth` object.
#[derive(Deserialize)]
pub struct Handshake {
    pub token: String,
    /// Of my own stream: the newest event I have.
    #[serde(default)]
    after: Option<Value>,
    /// The life of the database that I had it in.
    #[serde(default)]
    epoch: Option<Value>,
}

impl Handshake {
    /// What it says of the user's own stream, if it says so rightly.
    pub fn since(self) -> Result<Since, Problem> {
        let after = self.after.map(|value| value.as_i64().filter(|after| *after >= 0).ok_or(()));
        let epoch = self.epoch.map(|value| value.as_str().and_then(|text| text.parse().ok()).ok_or(()));
        let wrong = Problem::invalid_field;
        Ok(Since {
            after: after.transpose().map_err(|()| wrong("/after", "type", "must be a number from 0 on"))?,
            epoch: epoch.transpose().map_err(|()| wrong("/epoch", "format", "must be a UUID"))?,
        })
    }
}
