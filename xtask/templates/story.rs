//! A stranger uses the feature over REST and a socket.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn made_over_rest_and_told_over_the_socket() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let made = ana.post("/widgets-path", json!({ "title": "first" })).await.expect(201);
    let path = made.header("location").unwrap().trim_start_matches("/api/v1").to_owned();

    let mut socket = ana.socket().await;
    let page = socket.call("followWidgets", json!({ "after": 0 })).await.unwrap();
    assert_eq!(page["items"][0]["now"]["title"], "first");
    assert_eq!((&page["headSeq"], &page["hasMore"]), (&json!(1), &json!(false)));
    let mut others = ben.socket().await;
    others.call("followWidgets", json!({ "after": 0 })).await.unwrap();

    let tag = ana.get(&path).await.expect(200).header("etag").unwrap().to_owned();
    ana.with("if-match", &tag).patch(&path, json!({ "title": "second" })).await.expect(200);
    ana.with("if-match", &tag).delete(&path).await.problem("E_EDITED_MEANWHILE", 412);
    socket.call("createWidget", json!({ "title": "over the socket" })).await.unwrap();
    ana.delete(&path).await.expect(204);
    for (seq, kind) in [(2, "edited"), (3, "created"), (4, "deleted")] {
        let change = socket.next("widgetCamelChanged").await;
        assert_eq!((&change["seq"], &change["kind"]), (&json!(seq), &json!(kind)));
    }
    assert_eq!(ana.get("/widgets-path").await.expect(200).items().len(), 1);

    // Nothing of it is anybody else's, and whoever doesn't follow isn't told.
    ben.get(&path).await.problem("E_NOT_FOUND", 404);
    assert!(ben.get("/widgets-path").await.expect(200).items().is_empty());
    socket.call("unfollowWidgets", json!({})).await.unwrap();
    ana.post("/widgets-path", json!({ "title": "unheard" })).await.expect(201);
    ben.post("/widgets-path", json!({ "title": "his own" })).await.expect(201);
    assert_eq!(others.next("widgetCamelChanged").await["now"]["title"], "his own");
    assert!(socket.events().iter().all(|(name, _)| name != "widgetCamelChanged"));

    let rest = socket.call("followWidgets", json!({ "after": 4 })).await.unwrap();
    assert_eq!(rest["items"][0]["now"]["title"], "unheard");
    ana.post("/widgets-path", json!({ "title": " " })).await.invalid(&[("/title", "blank")]);
}
