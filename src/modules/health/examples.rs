//! What the documents show.

use std::collections::BTreeMap;

use poem_openapi::types::Example;

use super::dto::{Alive, ApiHealth, Check, Health, Status};
use crate::wire::Timestamp;

impl Example for Health {
    fn example() -> Self {
        Self {
            status: Status::Ok,
            uptime: 86_400,
            timestamp: Timestamp::example(),
            environment: "production".into(),
            version: "1.4.0".into(),
            checks: BTreeMap::from([("database".into(), Check::example())]),
        }
    }
}

impl Example for ApiHealth {
    fn example() -> Self {
        Self { status: Status::Ok, timestamp: Timestamp::example(), users_count: Some(1200) }
    }
}

impl Example for Check {
    fn example() -> Self {
        Self { status: Status::Ok, response_time: 1, detail: None }
    }
}

impl Example for Alive {
    fn example() -> Self {
        Self { status: Status::Ok }
    }
}
