use poem_openapi::types::Example;
use serde_json::json;

use super::dto::OwnEventDto;

impl Example for OwnEventDto {
    fn example() -> Self {
        let data = json!({ "seq": 7, "at": "2026-01-02T03:04:05.678Z", "role": "moderator" });
        Self { seq: 7, kind: "accountChanged".into(), data }
    }
}
