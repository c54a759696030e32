//! The commands beside `serve`.

use crate::support::{Settings, TestDatabase, finished};

fn settings(database: &TestDatabase) -> Settings {
    let mut settings = Settings::of_tests();
    settings.set("DATABASE_URL", database.url());
    settings
}

/// What the command says; it must succeed.
async fn said(arguments: &[&str], settings: &Settings) -> String {
    let output = finished(arguments, settings).await;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn the_seed_fills_once_and_completes_what_was_interrupted() {
    let database = TestDatabase::create().await;
    let settings = settings(&database);
    assert!(said(&["seed"], &settings).await.contains("Eight people are here now"));
    let count = async |table: &str| database.number(&format!("SELECT count(*) FROM {table}")).await;
    let tables = ["users", "posts", "post_reactions", "conversations", "messages", "stream_events"];
    let mut whole = Vec::new();
    for table in tables {
        whole.push(count(table).await);
    }
    assert_eq!(whole, [8, 9, 22, 3, 10, 10]);
    assert!(said(&["seed"], &settings).await.contains("nothing was changed"));

    // As if it had been killed before its last messages.
    for sql in [
        "DELETE FROM messages WHERE content LIKE '%my cat any more%'",
        "DELETE FROM stream_events WHERE subject_id NOT IN (SELECT message_id FROM messages)",
        "UPDATE streams SET last_seq = (SELECT count(*) FROM stream_events e WHERE e.stream_id = streams.id)",
    ] {
        database.execute(sql).await;
    }
    assert!(said(&["seed"], &settings).await.contains("Eight people are here now"));
    for (table, wanted) in tables.into_iter().zip(whole) {
        assert_eq!(count(table).await, wanted, "{table}");
    }
}

#[tokio::test]
async fn the_first_administrator_is_made_at_the_console_and_written_down() {
    let database = TestDatabase::create().await;
    let settings = settings(&database);
    said(&["seed"], &settings).await;
    assert!(said(&["admin", "grant", "ADA"], &settings).await.contains("ada is an administrator"));
    assert_eq!(
        database.number("SELECT count(*) FROM users WHERE role = 'admin' AND username = 'ada'").await,
        1
    );
    assert_eq!(database.number("SELECT count(*) FROM audit WHERE actor_id IS NULL").await, 1);
    let refused = finished(&["admin", "grant", "nobody"], &settings).await;
    assert!(!refused.status.success());
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("nobody can't be made administrator: no such user")
    );
}

#[tokio::test]
async fn the_schema_can_be_brought_up_to_date_without_serving() {
    let database = TestDatabase::create().await;
    let settings = settings(&database);
    for _ in 0..2 {
        assert!(said(&["migrate"], &settings).await.contains("the schema is up to date"));
    }
}

#[tokio::test]
async fn a_seed_is_refused_in_production() {
    let database = TestDatabase::create().await;
    let mut settings = settings(&database);
    settings.set("APP_ENV", "production");
    let refused = finished(&["seed"], &settings).await;
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("isn't for production"));
}

#[tokio::test]
async fn the_architecture_shows_the_modules_as_they_run() {
    let drawn = said(&["graph"], &Settings::of_tests()).await;
    let shown = include_str!("../../ARCHITECTURE.md").contains(&format!("```mermaid\n{drawn}```\n"));
    assert!(shown, "ARCHITECTURE.md shows other modules; run `cargo xtask generate`:\n{drawn}");
}
