use serde_json::json;

use crate::support::{TestApp, User, in_parallel};

const KINDS: [&str; 6] = ["like", "love", "laugh", "wow", "sad", "angry"];

async fn post_of(user: &User) -> String {
    format!("/posts/{}", user.write("hello").await)
}

#[tokio::test]
async fn another_kind_replaces_the_one_before() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    for kind in KINDS {
        let answer = ana.put(&format!("{path}/reactions/{kind}"), json!({})).await.expect(200);
        assert_eq!(answer.body["reactions"], json!({ kind: 1 }));
        assert_eq!(answer.body["myReaction"], kind);
    }
    // Reacting is no edit.
    assert!(ana.get(&path).await.header("etag").unwrap().starts_with("\"1-"));
}

#[tokio::test]
async fn doing_it_twice_changes_nothing_more() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let like = format!("{}/reactions/like", post_of(&ana).await);
    for _ in 0..2 {
        let answer = ana.put(&like, json!({})).await.expect(200);
        assert_eq!(answer.body["reactions"], json!({ "like": 1 }));
    }
    for _ in 0..2 {
        let answer = ana.delete(&like).await.expect(200);
        assert_eq!((&answer.body["reactions"], &answer.body["myReaction"]), (&json!({}), &json!(null)));
    }
}

#[tokio::test]
async fn only_the_kind_one_chose_can_be_taken_back() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let path = post_of(&ana).await;
    ana.put(&format!("{path}/reactions/wow"), json!({})).await.expect(200);
    let answer = ana.delete(&format!("{path}/reactions/sad")).await.expect(200);
    assert_eq!(answer.body["reactions"], json!({ "wow": 1 }));
    let answer = ben.delete(&format!("{path}/reactions/wow")).await.expect(200);
    assert_eq!(answer.body["reactions"], json!({ "wow": 1 }), "it is Ana's");
}

#[tokio::test]
async fn an_unknown_kind_is_refused() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    for kind in ["dislike", "LIKE", "like%20"] {
        let path = format!("{path}/reactions/{kind}");
        ana.put(&path, json!({})).await.problem("E_NOT_FOUND", 404);
        ana.delete(&path).await.problem("E_NOT_FOUND", 404);
    }
}

#[tokio::test]
async fn counts_are_right_after_twenty_people_reacted_at_once() {
    let app = TestApp::start().await;
    let other = TestApp::second_node(&app).await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    let mut people = Vec::new();
    for number in 0..20 {
        people.push(app.user(&format!("user{number}")).await);
    }
    // Each reacts three times, whatever the others do, on one node or the other: the last kind stays.
    let answers = in_parallel(20, |number| {
        let node = if number % 2 == 0 { &app } else { &other };
        let (user, path) = (people[number].on(node), path.clone());
        async move {
            for step in 0..2 {
                let kind = KINDS[(number + step) % 6];
                user.put(&format!("{path}/reactions/{kind}"), json!({})).await.expect(200);
            }
            let last = if number < 5 { "like" } else { "love" };
            user.put(&format!("{path}/reactions/{last}"), json!({})).await
        }
    })
    .await;
    for answer in answers {
        answer.expect(200);
    }
    let read = ana.get(&path).await.expect(200);
    assert_eq!(read.body["reactions"], json!({ "like": 5, "love": 15 }));

    in_parallel(5, |number| {
        let (user, path) = (people[number].clone(), path.clone());
        async move { user.delete(&format!("{path}/reactions/like")).await.expect(200) }
    })
    .await;
    assert_eq!(ana.get(&path).await.body["reactions"], json!({ "love": 15 }));
    assert_eq!(app.database.number("SELECT COUNT(*) FROM post_reactions").await, 15);
}

#[tokio::test]
async fn one_person_who_reacts_many_times_at_once_counts_once() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    let answers = in_parallel(24, |number| {
        let (user, path) = (ana.clone(), format!("{path}/reactions/{}", KINDS[number % 6]));
        async move { user.put(&path, json!({})).await }
    })
    .await;
    for answer in answers {
        answer.expect(200);
    }
    let read = ana.get(&path).await.expect(200);
    assert_eq!(read.body["reactions"], json!({ read.text("myReaction"): 1 }));
}
