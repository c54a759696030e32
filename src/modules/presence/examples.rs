//! What the documents show.

use poem_openapi::types::Example;

use super::events::WatchPayload;
use crate::wire::UserId;

impl Example for WatchPayload {
    fn example() -> Self {
        Self { user_ids: vec![UserId::example()] }
    }
}
