//! What the database holds, read past the program.

use std::collections::BTreeMap;

use sea_orm::QueryResult;
use uuid::Uuid;

use crate::database::TestDatabase;

/// Every conversation, by its id.
#[derive(Debug, Clone, Default)]
pub struct Stored(pub BTreeMap<Uuid, Conversation>);

#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// What the stream's counter says.
    pub last_seq: i64,
    /// In the order of their numbers.
    pub events: Vec<Event>,
    pub messages: Vec<Message>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub seq: i64,
    pub kind: String,
    pub subject: Uuid,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: Uuid,
    pub seq: i64,
    pub sender: Uuid,
    pub content: String,
}

impl Stored {
    pub async fn read(database: &TestDatabase) -> Self {
        let mut all = BTreeMap::<Uuid, Conversation>::new();
        let streams = "SELECT s.id, s.last_seq FROM streams s JOIN conversations c ON c.id = s.id";
        for row in database.rows(streams).await {
            all.entry(field(&row, "id")).or_default().last_seq = field(&row, "last_seq");
        }
        let events = "SELECT stream_id, seq, kind, subject_id FROM stream_events ORDER BY stream_id, seq";
        for row in database.rows(events).await {
            let event = Event {
                seq: field(&row, "seq"),
                kind: field(&row, "kind"),
                subject: field(&row, "subject_id"),
            };
            if let Some(conversation) = all.get_mut(&field(&row, "stream_id")) {
                conversation.events.push(event);
            }
        }
        let messages = "SELECT conversation_id, message_id, seq, sender_id, content FROM messages";
        for row in database.rows(messages).await {
            let message = Message {
                id: field(&row, "message_id"),
                seq: field(&row, "seq"),
                sender: field(&row, "sender_id"),
                content: field(&row, "content"),
            };
            all.entry(field(&row, "conversation_id")).or_default().messages.push(message);
        }
        Self(all)
    }
}

fn field<T: sea_orm::TryGetable>(row: &QueryResult, name: &str) -> T {
    row.try_get("", name).unwrap_or_else(|error| panic!("{name}: {error}"))
}
