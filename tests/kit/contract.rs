//! An answer or a push that the documents don't show fails the test that gets it, and is told.

use std::panic::{AssertUnwindSafe, catch_unwind};

use reqwest::{Method, header::HeaderValue};
use serde_json::json;

use crate::support::{
    Answer, TestApp, World, contract,
    event_contract::{check_answer, check_push},
};

/// What is said when this was the answer.
fn said(method: &Method, path: &str, answer: &Answer) -> String {
    let checked = catch_unwind(AssertUnwindSafe(|| contract::check(method, path, answer)));
    let said = checked.expect_err("it isn't documented, and passes as if it were");
    *said.downcast::<String>().expect("a failure is told in words")
}

#[tokio::test]
async fn an_answer_that_isnt_documented_is_told() {
    let app = TestApp::start().await;
    let World { ana, post, .. } = World::of(&app).await;
    let path = format!("/api/v1/posts/{post}");
    let real = ana.get(&format!("/posts/{post}")).await.expect(200);
    type Plant = fn(&mut Answer);
    let plants: [(Plant, &str); 8] = [
        (|it| it.status = 203, "a status that isn't documented"),
        (|it| _ = it.headers.insert("x-new", HeaderValue::from_static("1")), "with the header x-new, which"),
        (|it| _ = it.headers.remove("etag"), "without the header etag, which is documented"),
        (|it| it.body["new"] = json!(1), "('new' was unexpected)"),
        (|it| _ = it.body.as_object_mut().unwrap().remove("content"), "is a required property"),
        (|it| it.body["createdAt"] = json!("today"), "/createdAt: "),
        (|it| it.body = json!(null), "without the body that is documented"),
        (
            |it| _ = it.headers.insert("content-type", HeaderValue::from_static("text/plain")),
            "as \"text/plain\"",
        ),
    ];
    for (plant, told) in plants {
        let mut other = real.clone();
        plant(&mut other);
        let said = said(&Method::GET, &path, &other);
        assert!(said.contains(told) && said.starts_with("get /api/v1/posts/"), "{told}: {said}");
    }
    assert!(said(&Method::GET, "/api/v1/new", &real).ends_with("and isn't documented"));
    let mut refused = app.anonymous().get(&format!("/posts/{post}")).await.expect(401);
    refused.body["code"] = json!("E_CREDENTIALS");
    assert!(said(&Method::GET, &path, &refused).ends_with("a code that isn't documented"));
}

#[tokio::test]
async fn what_a_socket_gets_and_isnt_documented_is_told() {
    let app = TestApp::start().await;
    let World { ana, chat, .. } = World::of(&app).await;
    let socket = ana.socket().await;
    let problem = socket.call("joinConversation", json!({})).await.unwrap_err();
    let refused = |code: &str| {
        let mut problem = problem.clone();
        problem["code"] = json!(code);
        json!({ "ok": false, "problem": problem })
    };
    assert_eq!(check_answer("joinConversation", &refused("E_INVALID")), Ok(()));
    let typing = json!({ "conversationId": chat.id, "userId": ana.id, "isTyping": true });
    assert_eq!(check_push("typing", &typing), Ok(()));
    let mut new_member = typing.clone();
    new_member["new"] = json!(1);
    for (checked, told) in [
        (check_answer("new", &json!({ "ok": true })), "isn't documented"),
        (check_answer("renew", &json!({ "ok": true, "data": { "new": 1 } })), "'new' was unexpected"),
        (check_answer("typing", &json!({ "ok": true, "data": { "new": 1 } })), "'new' was unexpected"),
        (check_answer("joinConversation", &refused("E_CREDENTIALS")), "a code that isn't documented"),
        (check_push("new", &json!({})), "isn't documented"),
        (check_push("typing", &new_member), "'new' was unexpected"),
        (check_push("typing", &json!({ "conversationId": chat.id })), "is a required property"),
    ] {
        let said = checked.unwrap_err();
        assert!(said.contains(told), "{told}: {said}");
    }
}
