//! Finding messages by their words: an index on PostgreSQL, a table of words kept by triggers on SQLite. Neither keeps
//! what was edited or deleted.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// ASCII's signs part words, so that both databases part them alike; PostgreSQL would take `a.b` for a host and look no
/// further into it.
const POSTGRES: &[&str] = &[
    r##"CREATE FUNCTION message_words(content text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
       SELECT to_tsvector('simple'::regconfig,
              translate(content, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32))) $$"##,
    "CREATE INDEX messages_words ON messages USING gin (message_words(content))",
];

/// The words are found by a number, because a message's own row may get another one when the file is made smaller.
/// What is deleted is overwritten.
const SQLITE: &[&str] = &[
    "CREATE TABLE message_numbers (number integer PRIMARY KEY, conversation_id uuid_text NOT NULL, \
     message_id uuid_text NOT NULL, UNIQUE (conversation_id, message_id))",
    "CREATE VIRTUAL TABLE message_words USING fts5(content, content = '', tokenize = 'unicode61 remove_diacritics 0')",
    "INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO message_numbers (conversation_id, message_id) SELECT conversation_id, message_id FROM messages",
    "INSERT INTO message_words (rowid, content) SELECT n.number, m.content FROM message_numbers n \
     JOIN messages m ON m.conversation_id = n.conversation_id AND m.message_id = n.message_id",
    "CREATE TRIGGER message_words_inserted AFTER INSERT ON messages BEGIN \
     INSERT INTO message_numbers (conversation_id, message_id) VALUES (new.conversation_id, new.message_id); \
     INSERT INTO message_words (rowid, content) SELECT number, new.content FROM message_numbers \
     WHERE conversation_id = new.conversation_id AND message_id = new.message_id; END",
    "CREATE TRIGGER message_words_changed AFTER UPDATE OF content ON messages WHEN old.content <> new.content BEGIN \
     INSERT INTO message_words (message_words, rowid, content) SELECT 'delete', number, old.content \
     FROM message_numbers WHERE conversation_id = old.conversation_id AND message_id = old.message_id; \
     INSERT INTO message_words (rowid, content) SELECT number, new.content FROM message_numbers \
     WHERE conversation_id = new.conversation_id AND message_id = new.message_id; END",
    "CREATE TRIGGER message_words_deleted AFTER DELETE ON messages BEGIN \
     INSERT INTO message_words (message_words, rowid, content) SELECT 'delete', number, old.content \
     FROM message_numbers WHERE conversation_id = old.conversation_id AND message_id = old.message_id; \
     DELETE FROM message_numbers WHERE conversation_id = old.conversation_id AND message_id = old.message_id; END",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = match manager.get_database_backend() {
            DbBackend::Sqlite => SQLITE,
            _ => POSTGRES,
        };
        for statement in statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
