use serde_json::json;

use crate::support::{Answer, TestApp};

async fn register(app: &TestApp, password: &str) -> Answer {
    let body = json!({ "username": "ana", "email": "ana@example.com", "password": password });
    app.anonymous().post("/auth/register", body).await
}

async fn login(app: &TestApp, password: &str) -> Answer {
    app.anonymous().post("/auth/login", json!({ "login": "ana", "password": password })).await
}

#[tokio::test]
async fn a_long_one_counts_to_its_last_character() {
    let app = TestApp::start().await;
    let password = "a".repeat(256);
    register(&app, &password).await.expect(201);
    login(&app, &password).await.expect(200);

    let mut in_the_middle = password.clone();
    in_the_middle.replace_range(99..100, "b");
    login(&app, &in_the_middle).await.problem("E_CREDENTIALS_INVALID", 401);
    login(&app, &format!("{}b", "a".repeat(255))).await.problem("E_CREDENTIALS_INVALID", 401);
    login(&app, &"a".repeat(72)).await.problem("E_CREDENTIALS_INVALID", 401);
}

#[tokio::test]
async fn any_characters_do() {
    let app = TestApp::start().await;
    // 100 characters of four bytes each, spaces at the ends, and no rule about what is in between.
    let password = format!(" {} ", "🦜".repeat(98));
    register(&app, &password).await.expect(201);
    login(&app, &password).await.expect(200);
    login(&app, password.trim()).await.problem("E_CREDENTIALS_INVALID", 401);
    login(&app, &format!(" {}🦉 ", "🦜".repeat(97))).await.problem("E_CREDENTIALS_INVALID", 401);
}

#[tokio::test]
async fn length_is_counted_in_characters() {
    let app = TestApp::start().await;
    register(&app, &"ä".repeat(7)).await.invalid(&[("/password", "too_short")]);
    register(&app, &"ä".repeat(257)).await.invalid(&[("/password", "too_long")]);
    register(&app, &"ä".repeat(8)).await.expect(201);
}

#[tokio::test]
async fn an_installation_can_ask_for_more() {
    let app = TestApp::with(|settings| {
        settings.set("PASSWORD_MIN_LENGTH", 15);
    })
    .await;
    register(&app, &"a".repeat(14)).await.invalid(&[("/password", "too_short")]);
    register(&app, &"a".repeat(15)).await.expect(201);
}

#[tokio::test]
async fn only_a_hash_is_stored() {
    let app = TestApp::start().await;
    let password = "seldom seen words";
    register(&app, password).await.expect(201);
    let rows = app.database.rows("SELECT password_hash FROM credentials").await;
    let hash: String = rows[0].try_get("", "password_hash").unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    let database = app.database.clone();
    app.stop();
    if let Some(file) = database.file() {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(password.len()).any(|window| window == password.as_bytes()));
    }
}
