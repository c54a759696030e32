//! People, as themselves and as others see them.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, queries_of};

#[tokio::test]
async fn others_see_no_email_address() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let own = ana.get("/users/me").await.expect(200).body;
    assert_eq!(own["email"], "ana@example.com");

    for path in [format!("/users/{}", ana.id), "/users/ana".into(), "/users/ANA".into()] {
        let mut seen = ben.get(&path).await.expect(200).body;
        for own_only in ["email", "presenceFor"] {
            assert_eq!(seen.get(own_only), None);
            seen[own_only] = own[own_only].clone();
        }
        assert_eq!(seen, own);
    }
    let list = ben.get("/users").await.expect(200);
    assert!(list.items().iter().all(|user| user.get("email").is_none()));
}

#[tokio::test]
async fn nobody_of_this_name_is_not_found() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for name in ["nobody".to_owned(), Uuid::new_v4().to_string(), "%25".into()] {
        ana.get(&format!("/users/{name}")).await.problem("E_NOT_FOUND", 404);
    }
}

#[tokio::test]
async fn a_profile_is_changed_field_by_field() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let edit =
        json!({ "displayName": "Ana", "bio": "<b>I</b> write", "avatarUrl": "https://example.com/a.png" });
    let edited = ana.patch("/users/me", edit.clone()).await.expect(200).body;
    for (field, value) in edit.as_object().unwrap() {
        assert_eq!(&edited[field], value);
    }

    // Null clears, and what is absent stays.
    let edited = ana.patch("/users/me", json!({ "displayName": null })).await.expect(200).body;
    assert_eq!(edited["displayName"], Value::Null);
    assert_eq!(edited["bio"], "<b>I</b> write");
    assert_eq!(ana.get("/users/me").await.body, edited);
}

#[tokio::test]
async fn a_profile_has_no_other_fields_to_change() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for field in ["role", "status", "id", "username", "email", "createdAt", "usernameKey"] {
        let edit = json!({ "displayName": "Ana", field: "admin" });
        ana.patch("/users/me", edit).await.invalid(&[(&format!("/{field}"), "unknown_field")]);
    }
    let me = ana.get("/users/me").await.body;
    assert_eq!((&me["role"], &me["displayName"]), (&json!("user"), &Value::Null));
}

#[tokio::test]
async fn a_profile_has_its_bounds() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    ana.patch("/users/me", json!({})).await.invalid(&[("", "required")]);
    let edit =
        json!({ "displayName": "x".repeat(81), "bio": "x".repeat(501), "avatarUrl": "javascript:alert(1)" });
    let wrong = [("/displayName", "too_long"), ("/bio", "too_long"), ("/avatarUrl", "pattern")];
    ana.patch("/users/me", edit).await.invalid(&wrong);
    let empty = [("/displayName", "too_short"), ("/displayName", "blank")];
    ana.patch("/users/me", json!({ "displayName": "" })).await.invalid(&empty);
    ana.patch("/users/me", json!({ "bio": 7 })).await.invalid(&[("/bio", "type")]);
    let answer = ana.patch("/users/me", json!({ "bio": "a\0b" })).await.problem("E_INVALID", 422);
    assert_eq!(answer.body["errors"][0]["pointer"], "/bio");
}

#[tokio::test]
async fn the_list_is_read_page_by_page() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for name in ["Dora", "ben", "eve", "carl"] {
        app.user(name).await;
    }
    let mut names = Vec::new();
    let mut path = "/users?limit=2".to_owned();
    loop {
        let page = ana.get(&path).await.expect(200);
        assert!(page.items().len() <= 2);
        names.extend(page.each("username"));
        let Some(cursor) = page.body["nextCursor"].as_str() else { break };
        path = format!("/users?limit=2&cursor={cursor}");
        // Whoever comes in before the cursor isn't shown, and moves nobody.
        if names.len() == 2 {
            app.user("aaron").await;
        }
    }
    assert_eq!(names, ["ana", "ben", "carl", "Dora", "eve"]);
}

#[tokio::test]
async fn people_are_found_by_what_their_names_begin_with() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for name in ["anabel", "banana", "an_on", "carl"] {
        app.user(name).await;
    }
    app.sign_in("carl").await.patch("/users/me", json!({ "displayName": "Mariana 100%" })).await.expect(200);
    let found =
        async |query: &str| ana.get(&format!("/users?query={query}")).await.expect(200).each("username");
    assert_eq!(found("ANA").await, ["ana", "anabel", "carl"]);
    assert_eq!(found("an_").await, ["an_on"], "an underscore is itself");
    assert_eq!(found("%25").await, ["carl"], "a percent sign is itself");
    assert_eq!(found("%5C").await, Vec::<String>::new());
    assert_eq!(found("zoe").await, Vec::<String>::new());

    app.set_user("anabel", "status", "suspended").await;
    assert_eq!(found("ana").await, ["ana", "carl"]);
}

#[tokio::test]
async fn a_list_refuses_what_it_cannot_read() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for limit in ["0", "101", "-1", "many", "1.5"] {
        ana.get(&format!("/users?limit={limit}")).await.invalid(&[("?limit", "invalid")]);
    }
    for cursor in ["x", "AAAA", "bnVsbA"] {
        ana.get(&format!("/users?cursor={cursor}")).await.problem("E_CURSOR_INVALID", 422);
    }
    ana.get("/users?query=").await.invalid(&[("?query", "invalid")]);
    ana.get(&format!("/users?query={}", "x".repeat(81))).await.invalid(&[("?query", "invalid")]);
}

#[tokio::test]
async fn a_page_costs_one_query() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for name in ["ben", "carl", "dora"] {
        app.user(name).await;
    }
    assert_eq!(queries_of(&ana, "/users").await, 1.0);
}
