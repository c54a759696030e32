use serde_json::json;

use crate::support::{TestApp, User, queries_of};

async fn write(user: &User, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(user.write(&format!("post {number}")).await);
    }
    ids
}

#[tokio::test]
async fn newest_come_first_twenty_at_a_time() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut ids = write(&ana, 21).await;
    ids.reverse();
    let page = ana.get("/posts").await.expect(200);
    assert_eq!(page.each("id"), ids[..20]);
    let rest = ana.get(&format!("/posts?cursor={}", page.text("nextCursor"))).await.expect(200);
    assert_eq!(rest.each("id"), ids[20..]);
    assert_eq!(rest.body.get("nextCursor"), None, "the last page says so");
    // A page that is exactly full is the last one too.
    assert_eq!(ana.get("/posts?limit=21").await.expect(200).body.get("nextCursor"), None);
}

#[tokio::test]
async fn pages_are_stable_while_posts_are_written_and_deleted() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut before = write(&ana, 12).await;
    before.reverse();
    let mut seen = Vec::new();
    let mut path = "/posts?limit=3".to_owned();
    loop {
        let page = ana.get(&path).await.expect(200);
        seen.extend(page.each("id"));
        let Some(cursor) = page.body["nextCursor"].as_str() else { break };
        path = format!("/posts?limit=3&cursor={cursor}");
        write(&ana, 2).await;
        // The row that the cursor was made from may go: the cursor still says where.
        ana.delete(&format!("/posts/{}", seen.last().unwrap())).await.expect(204);
    }
    assert_eq!(seen, before);
}

#[tokio::test]
async fn a_reader_sees_their_own_reactions() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let ids = write(&ana, 2).await;
    ben.put(&format!("/posts/{}/reactions/love", ids[1]), json!({})).await.expect(200);
    let of_ben = ben.get("/posts").await.expect(200);
    assert_eq!(of_ben.items()[0]["myReaction"], "love");
    assert_eq!(of_ben.items()[1]["myReaction"], json!(null));
    let of_ana = ana.get("/posts").await.expect(200);
    assert_eq!(of_ana.items()[0]["myReaction"], json!(null));
    assert_eq!(of_ana.items()[0]["reactions"], json!({ "love": 1 }));
}

#[tokio::test]
async fn a_list_refuses_what_it_cannot_read() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for limit in ["0", "101", "-1", "many", "18446744073709551616"] {
        ana.get(&format!("/posts?limit={limit}")).await.invalid(&[("?limit", "invalid")]);
    }
    ana.get("/posts?limit=100").await.expect(200);
    // `InBvc3QvMSI` is our encoding of a text that is no id.
    for cursor in ["x", "", "InBvc3QvMSI", "%F0%9F%A6%9C"] {
        ana.get(&format!("/posts?cursor={cursor}")).await.problem("E_CURSOR_INVALID", 422);
    }
}

#[tokio::test]
async fn a_page_costs_one_query_however_long_it_is() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    write(&ana, 10).await;
    write(&ben, 10).await;
    for path in ["/posts?limit=1", "/posts?limit=20"] {
        assert_eq!(queries_of(&ana, path).await, 1.0, "{path}");
    }
}
