//! People's own streams: every socket follows its user's from the start.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{SocketClient, TestApp, User, eventually, figure, seqs};

/// Somebody, and an administrator who changes them: each change is an event in their own stream.
struct Changed {
    root: User,
    ana: User,
}

impl Changed {
    async fn on(app: &TestApp) -> Self {
        Self { root: app.admin("root").await, ana: app.user("ana").await }
    }

    /// One event more; the role alternates.
    async fn once(&self, role: &str) {
        let path = format!("/admin/users/{}", self.ana.id);
        self.root.patch(&path, json!({ "role": role })).await.expect(200);
    }

    async fn times(&self, count: usize) {
        for n in 0..count {
            self.once(["moderator", "user"][n % 2]).await;
        }
    }

    async fn socket(&self, app: &TestApp, after: Value, epoch: Value) -> (SocketClient, Value) {
        let auth = json!({ "token": self.ana.access_token, "after": after, "epoch": epoch });
        let mut socket = SocketClient::connect_saying(app.address, auth).await.unwrap();
        let welcome = socket.next("welcome").await;
        (socket, welcome)
    }
}

#[tokio::test]
async fn my_other_devices_hear_of_a_session_that_ended_and_so_does_who_was_away() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (phone, mut laptop) = (app.sign_in("ana").await, ana.socket().await);
    let welcome = laptop.next("welcome").await;
    assert_eq!(
        (&welcome["headSeq"], &welcome["pushedAfter"], &welcome["resync"]),
        (&json!(0), &json!(0), &json!(false))
    );
    app.anonymous().post("/auth/logout", json!({ "refreshToken": phone.refresh_token })).await.expect(204);
    let ended = laptop.next("sessionEnded").await;
    assert_eq!((&ended["seq"], &ended["reason"]), (&json!(1), &json!("loggedOut")));

    let page = ana.get("/users/me/events").await.expect(200);
    assert_eq!(page.items(), [json!({ "seq": 1, "kind": "sessionEnded", "data": ended })]);
    assert_eq!((&page.body["headSeq"], &page.body["epoch"]), (&json!(1), &welcome["epoch"]));
    assert_eq!((&page.body["hasMore"], &page.body["resync"]), (&json!(false), &json!(false)));
    assert_eq!(ana.get("/users/me/events?after=1").await.expect(200).items().len(), 0);
    assert_eq!(ana.get("/users/me/events?after=2").await.expect(200).body["resync"], true);
    let ben = app.user("ben").await;
    assert_eq!(ben.get("/users/me/events").await.expect(200).items().len(), 0, "it is nobody else's");
}

#[tokio::test]
async fn they_are_pushed_in_order_on_every_node_with_a_bus_and_without() {
    let app = TestApp::start().await;
    let (second, apart) = (TestApp::second_node(&app).await, TestApp::node_apart(&app).await);
    let changed = Changed::on(&app).await;
    let mut sockets = Vec::new();
    for node in [&app, &second, &apart] {
        sockets.push(changed.ana.on(node).socket().await);
    }
    for socket in &mut sockets {
        socket.next("welcome").await;
    }
    changed.times(5).await;
    for socket in &mut sockets {
        for seq in 1..=5 {
            assert_eq!(socket.next("accountChanged").await["seq"], seq);
        }
    }
}

#[tokio::test]
async fn connecting_while_things_happen_leaves_no_hole() {
    let app = TestApp::start().await;
    let changed = Changed::on(&app).await;
    let connecting = async {
        let mut sockets = Vec::new();
        for _ in 0..15 {
            sockets.push(changed.socket(&app, Value::Null, Value::Null).await);
        }
        sockets
    };
    let (mut sockets, ()) = tokio::join!(connecting, changed.times(30));
    for (socket, welcome) in &mut sockets {
        let told = welcome["headSeq"].as_i64().unwrap();
        for seq in told + 1..=30 {
            assert_eq!(socket.next("accountChanged").await["seq"], seq, "it was told {told}");
        }
    }
}

#[tokio::test]
async fn who_says_what_they_have_is_pushed_the_rest() {
    let app = TestApp::start().await;
    let changed = Changed::on(&app).await;
    changed.times(4).await;
    let (mut socket, welcome) = changed.socket(&app, json!(1), Value::Null).await;
    assert_eq!((&welcome["headSeq"], &welcome["pushedAfter"]), (&json!(4), &json!(1)));
    for seq in 2..=4 {
        assert_eq!(socket.next("accountChanged").await["seq"], seq);
    }
    let (mut knows, told) = changed.socket(&app, json!(4), welcome["epoch"].clone()).await;
    assert_eq!((&told["pushedAfter"], &told["resync"]), (&json!(4), &json!(false)));
    // Of another life of the database, or from the future.
    for (after, epoch) in [(json!(2), json!(Uuid::new_v4())), (json!(5), welcome["epoch"].clone())] {
        let (_, told) = changed.socket(&app, after, epoch).await;
        assert_eq!((&told["pushedAfter"], &told["resync"]), (&json!(4), &json!(true)));
    }
    changed.once("moderator").await;
    assert_eq!(knows.next("accountChanged").await["seq"], 5);
    assert_eq!(seqs(changed.ana.get("/users/me/events?after=3&limit=1").await.expect(200).items()), [4]);
}

#[tokio::test]
async fn who_has_missed_too_much_asks_for_it() {
    let app = TestApp::start().await;
    let changed = Changed::on(&app).await;
    changed.times(201).await;
    let (_, told) = changed.socket(&app, json!(0), Value::Null).await;
    assert_eq!((&told["headSeq"], &told["pushedAfter"]), (&json!(201), &json!(201)));
    let (mut socket, told) = changed.socket(&app, json!(1), Value::Null).await;
    assert_eq!(told["pushedAfter"], 1);
    for seq in 2..=201 {
        assert_eq!(socket.next("accountChanged").await["seq"], seq);
    }
}

#[tokio::test]
async fn what_is_no_place_in_a_stream_is_refused() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for (member, value) in [("after", json!(-1)), ("after", json!("1")), ("epoch", json!("today"))] {
        let mut auth = json!({ "token": ana.access_token });
        auth[member] = value;
        let refused = SocketClient::connect_saying(app.address, auth).await;
        assert_eq!(refused.err().as_deref(), Some("E_INVALID"));
    }
}

#[tokio::test]
async fn an_idle_stream_costs_no_task_and_goes_on_where_it_was() {
    let app = TestApp::start().await;
    let changed = Changed::on(&app).await;
    let mut socket = changed.ana.socket().await;
    socket.next("welcome").await;
    let tasks = async || figure(&app.anonymous(), "streams_active").await;
    assert_eq!(tasks().await, 0.0);
    for seq in 1..=2 {
        changed.once(["user", "moderator"][seq % 2]).await;
        assert_eq!(socket.next("accountChanged").await["seq"], seq);
        eventually(async || (tasks().await == 0.0).then_some(())).await;
    }
}
