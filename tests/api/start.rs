//! When the program refuses to start, and how it says so.

use std::process::Output;

use crate::support::{Settings, TestApp, TestDatabase, finished};

/// Settings of a start in production that would succeed.
fn production() -> Settings {
    let mut settings = Settings::of_tests();
    settings.set("APP_ENV", "production").set("DATABASE_URL", "sqlite:/nowhere/that/exists.db");
    settings
}

/// What it says on standard error; it must have failed, and said nothing else.
fn refusal(output: &Output) -> String {
    assert!(!output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn an_unusable_setting_is_named_with_what_it_holds_and_what_it_should() {
    for (name, value, got, wants) in [
        ("JWT_SECRET", "", "got nothing", "wants 32 random bytes or more"),
        ("JWT_SECRET", "too-short-canary", "got 16 bytes", "wants 32 random bytes or more"),
        ("JWT_SECRET", "your-secure-random-secret-min-32-chars", "got a placeholder", "32 random bytes"),
        ("REFRESH_TOKEN_SECRET", "too-short-canary", "got 16 bytes", "wants 32 random bytes or more"),
        ("CORS_ORIGINS", "*", "got \"*\"", "wants exact origins"),
        (
            "CORS_ORIGINS",
            "https://ok.example, https://*.example",
            "got \"https://*.example\"",
            "exact origins",
        ),
        ("PORT", "http", "got \"http\"", "wants a whole number from 0 to 65535"),
        ("PORT", "65536", "got \"65536\"", "wants a whole number from 0 to 65535"),
        ("DATABASE_URL", "mysql://root:canary@db/x", "got another text", "wants postgres://"),
    ] {
        let mut settings = production();
        settings.set(name, value);
        let said = refusal(&finished(&["serve"], &settings).await);
        let line = said.lines().find(|line| line.trim_start().starts_with(name));
        let line = line.unwrap_or_else(|| panic!("{name} isn't named: {said}"));
        assert!(line.contains(got) && line.contains(wants), "{line}");
        assert!(!said.contains("canary"), "a secret is described, never shown: {said}");
    }
}

#[tokio::test]
async fn a_file_of_authorities_without_any_stops_the_start() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "not a certificate").unwrap();
    let database = TestDatabase::create().await;
    let mut settings = Settings::of_tests();
    settings.set("DATABASE_URL", database.url());
    settings.set("REDIS_URL", "rediss://localhost:1").set("REDIS_TLS_CA", file.path().display());
    let output = finished(&["serve"], &settings).await;
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("REDIS_TLS_CA") && said.contains("there is no certificate in it"), "{said}");
}

#[tokio::test]
async fn everything_unusable_is_named_at_once() {
    let mut settings = production();
    settings.unset("JWT_SECRET").set("CORS_ORIGINS", "*").set("PORT", "x").set("LOG_LEVEL", "loud");
    let said = refusal(&finished(&["serve"], &settings).await);
    for name in ["JWT_SECRET:", "CORS_ORIGINS:", "PORT:", "LOG_LEVEL:"] {
        assert!(said.contains(name), "{name} isn't named: {said}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_stops_the_start() {
    let app = TestApp::start().await;
    let database = TestDatabase::create().await;
    let mut settings = Settings::of_tests();
    settings.set("DATABASE_URL", database.url()).set("PORT", app.address.port());
    let output = finished(&["serve"], &settings).await;
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("in use"), "{said}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let app = TestApp::start().await;
    app.user("ana").await;
    let database = app.database.clone();
    app.stop();
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_from_the_future', 1)";
    database.execute(newer).await;
    let contents = async || {
        let bytes = database.file().map(|file| std::fs::read(file).unwrap());
        let mut counts = Vec::new();
        for table in ["seaql_migrations", "users", "credentials", "sessions"] {
            counts.push(database.number(&format!("SELECT COUNT(*) FROM {table}")).await);
        }
        (bytes, counts)
    };
    let before = contents().await;

    let mut settings = Settings::of_tests();
    settings.set("DATABASE_URL", database.url());
    let output = finished(&["serve"], &settings).await;
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("m9999_from_the_future") && said.contains("newer version"), "{said}");
    assert!(contents().await == before, "something was changed");
}

#[tokio::test]
async fn two_that_start_at_once_on_a_new_database_both_serve() {
    let app = TestApp::start().await;
    let (one, two) = tokio::join!(TestApp::second_node(&app), TestApp::second_node(&app));
    let ana = one.user("ana").await;
    ana.on(&two).get("/users/me").await.expect(200);
}
