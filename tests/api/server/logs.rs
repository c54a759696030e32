use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Program, Settings, SocketClient, TestDatabase};

/// The binary, and not the app in this process: what counts is what really leaves it.
async fn serve(level: &str) -> (Program, Client, Arc<TestDatabase>) {
    let database = Arc::new(TestDatabase::create().await);
    let mut settings = Settings::of_tests();
    settings.set("DATABASE_URL", database.url()).set("LOG_FORMAT", "bunyan").set("LOG_LEVEL", level);
    settings.set("METRICS_TOKEN", "canary-metrics-token");
    let program = Program::serve(&settings).await;
    let client = Client::new(reqwest::Client::new(), format!("http://{}", program.address));
    (program, client, database)
}

#[tokio::test]
async fn no_secret_is_in_any_log_line() {
    let (program, client, _database) = serve("trace").await;
    let ana = json!({ "username": "ana", "email": "ana@example.com", "password": PASSWORD });
    let signed_in = client.post("/auth/register", ana.clone()).await.expect(201);
    let (access, refresh) = (signed_in.text("accessToken"), signed_in.text("refreshToken"));
    let bearing = client.bearing(&access);

    bearing.get("/users/me").await.expect(200);
    bearing.get(&format!("/users/me?token={access}")).await.expect(200);
    client.post("/auth/register", ana).await.expect(409);
    client
        .post("/auth/login", json!({ "login": "ana", "password": "canary wrong password" }))
        .await
        .expect(401);
    let login = client.post("/auth/login", json!({ "login": "ana", "password": PASSWORD })).await.expect(200);
    let next = client.post("/auth/refresh", json!({ "refreshToken": refresh })).await.expect(200);
    client.post("/auth/refresh", json!({ "refreshToken": format!("{refresh}x") })).await.expect(401);
    client.bearing(&format!("{access}x")).get("/users/me").await.expect(401);
    client.bearing("canary-metrics-token").get("//metrics").await.expect(200);
    client.bearing("canary-metrics-tokem").get("//metrics").await.expect(401);
    let socket = SocketClient::connect(program.address, Some(&access)).await.unwrap();
    socket.call("renew", json!({ "token": access })).await.unwrap();
    socket.call("renew", json!({ "token": format!("{access}x") })).await.unwrap_err();
    client.post("/auth/logout", json!({ "refreshToken": next.text("refreshToken") })).await.expect(204);

    let output = program.kill().await;
    assert!(output.contains("answered"), "requests are logged:\n{output}");
    let secrets = [
        PASSWORD,
        "canary wrong password",
        "canary-metrics-token",
        "canary-metrics-tokem",
        "only the tests sign with this key",
        &access,
        &refresh,
        &login.text("accessToken"),
        &login.text("refreshToken"),
        &next.text("accessToken"),
        &next.text("refreshToken"),
    ];
    for secret in secrets {
        assert!(!output.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_line_is_one_record_whatever_callers_send() {
    let (program, client, _database) = serve("info").await;
    let forged = "%0A{\"level\":60,\"msg\":\"forged\"}";
    client.get(&format!("/{forged}")).await.expect(404);
    let hostile =
        client.with("user-agent", "{\"msg\":\"forged\"}").with("x-request-id", "a,\"msg\":\"forged\"");
    hostile.get("/users/me").await.expect(401);
    let named = client.with("x-request-id", "find-me-again").get("/users/me").await.expect(401);

    let output = program.kill().await;
    let records: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(
        records.iter().all(|record| record["name"] == "rookery" && record["msg"] != "forged"),
        "{output}"
    );
    let of_request = |record: &&Value| record["request_id"].as_str() == named.header("x-request-id");
    let answered = records.iter().filter(of_request).find(|record| record["status"] == 401);
    assert!(answered.is_some(), "a request is found by its id:\n{output}");
}
