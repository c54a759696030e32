//! How long what has happened is kept.

use chrono::TimeDelta;

use super::reader::Reader;

#[derive(Debug, Clone)]
pub struct RetentionConfig {
    /// `MESSAGE_RETENTION_DAYS`, 0: how long messages, and whatever else happens in conversations, are kept; nothing for
    /// 0: for ever.
    pub messages: Option<TimeDelta>,
    /// `OWN_EVENT_RETENTION_DAYS`, 90: the same of the events of people's own streams.
    pub own_events: Option<TimeDelta>,
}

impl RetentionConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        const CENTURY: i64 = 36_525;
        let mut days = |name, default| {
            let days = reader.within(name, default, 0, CENTURY);
            (days > 0).then(|| TimeDelta::days(days))
        };
        Self { messages: days("MESSAGE_RETENTION_DAYS", 0), own_events: days("OWN_EVENT_RETENTION_DAYS", 90) }
    }
}
