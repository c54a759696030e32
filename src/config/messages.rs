//! What becomes of messages once they are sent.

use chrono::TimeDelta;

use super::reader::Reader;

#[derive(Debug, Clone)]
pub struct MessagesConfig {
    /// `MESSAGE_EDIT_MINUTES`, 15: how long a message may be edited by its sender; 0: never.
    pub edit_within: TimeDelta,
}

impl MessagesConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        const YEAR: i64 = 365 * 24 * 60;
        Self { edit_within: TimeDelta::minutes(reader.within("MESSAGE_EDIT_MINUTES", 15, 0, YEAR)) }
    }
}
