use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use crate::support::{TestApp, eventually};

#[tokio::test]
async fn they_are_listed_newest_first_with_where_they_came_from() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    app.user("ben").await;
    app.outside.clock.advance(TimeDelta::seconds(1));
    let body = json!({ "login": "ana", "password": crate::support::PASSWORD });
    let phone = app.anonymous().with("user-agent", "Ana's phone");
    phone.post("/auth/login", body).await.expect(200);

    let list = ana.get("/auth/sessions").await.expect(200);
    let [newest, first] = list.items() else { panic!("{}", list.body) };
    assert_eq!((&newest["userAgent"], &newest["current"]), (&json!("Ana's phone"), &json!(false)));
    assert_eq!(first["current"], true);
    assert_eq!(first["address"], "127.0.0.1");
    assert!(newest["createdAt"].as_str() > first["createdAt"].as_str());
    let lives = |session: &serde_json::Value, member: &str| {
        chrono::DateTime::parse_from_rfc3339(session[member].as_str().unwrap()).unwrap()
    };
    assert_eq!(lives(first, "expiresAt") - lives(first, "createdAt"), TimeDelta::days(7));
}

#[tokio::test]
async fn one_can_be_ended_and_its_token_is_refused_at_once() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let phone = app.sign_in("ana").await;
    phone.get("/users/me").await.expect(200);

    let list = ana.get("/auth/sessions").await.expect(200);
    let other = list.items().iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/auth/sessions/{}", other["id"].as_str().unwrap());
    ana.delete(&path).await.expect(204);

    phone.get("/users/me").await.problem("E_SESSION_ENDED", 401);
    let refresh = json!({ "refreshToken": phone.refresh_token });
    app.anonymous().post("/auth/refresh", refresh).await.problem("E_SESSION_ENDED", 401);
    assert_eq!(ana.get("/auth/sessions").await.items().len(), 1);
    ana.delete(&path).await.problem("E_NOT_FOUND", 404);
}

#[tokio::test]
async fn somebody_elses_is_as_if_it_were_not_there() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let of_ben = ben.get("/auth/sessions").await.each("id").remove(0);
    ana.delete(&format!("/auth/sessions/{of_ben}")).await.problem("E_NOT_FOUND", 404);
    ana.delete(&format!("/auth/sessions/{}", Uuid::new_v4())).await.problem("E_NOT_FOUND", 404);
    ana.delete("/auth/sessions/nonsense").await.problem("E_NOT_FOUND", 404);
    ben.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn all_can_be_ended_together() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let phone = app.sign_in("ana").await;
    for session in [&ana, &phone] {
        session.get("/users/me").await.expect(200);
    }
    ana.delete("/auth/sessions").await.expect(204);
    for session in [&ana, &phone] {
        session.get("/users/me").await.problem("E_SESSION_ENDED", 401);
    }
    ben.get("/users/me").await.expect(200);
    app.sign_in("ana").await.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn another_node_learns_of_an_end() {
    let app = TestApp::start().await;
    let other = TestApp::second_node(&app).await;
    let ana = app.user("ana").await;
    let there = ana.on(&other);
    there.get("/users/me").await.expect(200);
    ana.delete("/auth/sessions").await.expect(204);
    eventually(async || (there.get("/users/me").await.status == 401).then_some(())).await;
    there.get("/users/me").await.problem("E_SESSION_ENDED", 401);
}

#[tokio::test]
async fn they_survive_a_restart() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let app = app.restart().await;
    ana.on(&app).get("/users/me").await.expect(200);
}
