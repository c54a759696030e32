//! HTTP/2 without TLS, by prior knowledge; over TLS it is the same from there on.

use serde_json::{Value, json};

use crate::support::{Held, Proxy, TestApp, User, within};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

fn bearer(user: &User) -> String {
    format!("Bearer {}", user.access_token)
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let connection = Held::plain_http2(app.address).await;
    let bearer = bearer(&ana);
    let authorized = [("authorization", &*bearer), ("content-type", "application/json")];
    let posts: Vec<_> = (0..20)
        .map(|n| {
            let (pieces, answer) = connection.begin("POST", "/api/v1/posts", &authorized);
            pieces.send(format!("{{\"content\":\"post {n}")).unwrap();
            (pieces, answer)
        })
        .collect();
    assert_eq!(connection.get("/health/live").await.status, 200, "while none of them is answered");
    // The last to come is the first to be served.
    for (pieces, answer) in posts.into_iter().rev() {
        pieces.send("\"}".into()).unwrap();
        drop(pieces);
        let told = within("an answer", answer).await.unwrap().unwrap();
        assert_eq!((told.status, told.version), (201, hyper::Version::HTTP_2), "{}", told.text);
    }
    let list = connection.ask("GET", "/api/v1/posts", &authorized, None).await;
    assert_eq!(list.json()["items"].as_array().map(Vec::len), Some(20));
}

#[tokio::test]
async fn more_requests_at_once_than_a_connection_may_hold_are_refused() {
    let app = TestApp::start().await;
    let mut hostile = app.raw().await;
    // POST /api/v1/auth/login over http, and then no body.
    let mut head = vec![0x83, 0x86];
    head.extend(literal(4, "/api/v1/auth/login"));
    head.extend(literal(31, "application/json"));
    let mut flood = [PREFACE, SETTINGS].concat();
    for stream in (1..=201).step_by(2) {
        flood.extend(headers(stream, &head));
    }
    hostile.write_bytes(&flood).await;
    // A frame that resets the hundred-and-first.
    let refused = [0, 0, 4, 3, 0, 0, 0, 0, 201, 0, 0, 0, 7];
    assert!(hostile.hears("REFUSED_STREAM", &refused).await, "the connection was ended");
    app.anonymous().get("//health").await.expect(200);
}

#[tokio::test]
async fn an_error_to_head_has_no_body() {
    let app = TestApp::start().await;
    let connection = Held::plain_http2(app.address).await;
    for path in ["/nowhere", "/socket.io/?EIO=4&transport=none", "/socket.io/socket.io.min.js"] {
        let (get, head) = (connection.get(path).await, connection.ask("HEAD", path, &[], None).await);
        assert_eq!((head.status, &*head.text), (get.status, ""), "{path}");
        assert_eq!(head.headers["content-length"], get.text.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn what_is_in_flight_when_the_server_stops_is_finished() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (busy, idle) = (Held::plain_http2(app.address).await, Held::plain_http2(app.address).await);
    assert_eq!(idle.get("/health/live").await.status, 200);
    let bearer = bearer(&ana);
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let (pieces, answer) = busy.begin("POST", "/api/v1/posts", &headers);
    pieces.send("{\"content\":".into()).unwrap();
    assert_eq!(busy.get("/health/live").await.status, 200, "the server has the first half");

    app.begin_stop();
    assert!(idle.ended().await, "it was said goodbye to");
    pieces.send("\"in flight\"}".into()).unwrap();
    drop(pieces);
    let told = within("the answer", answer).await.unwrap().expect("it is answered");
    assert_eq!(told.status, 201, "{}", told.text);
    assert!(busy.ended().await);
}

#[tokio::test]
async fn whoever_says_nothing_is_hung_up_on() {
    let app = TestApp::with(|settings| {
        settings.set("HEADER_TIMEOUT_SECS", 1);
    })
    .await;
    // Nothing but the beginning of a preface; a preface and nothing more; a request, and nothing more.
    let mut begun = app.raw().await;
    begun.write("PRI ").await;
    begun.read_to_end().await;
    let mut silent = app.raw().await;
    silent.write_bytes(&[PREFACE, SETTINGS].concat()).await;
    silent.read_to_end().await;
    let served = Held::plain_http2(app.address).await;
    assert_eq!(served.get("/health/live").await.status, 200);
    assert!(served.ended().await, "politely");
}

#[tokio::test]
async fn whoever_takes_no_answer_is_hung_up_on() {
    let app = TestApp::with(|settings| {
        settings.set("HEADER_TIMEOUT_SECS", 1);
    })
    .await;
    let mut stingy = app.raw().await;
    // A window of nothing; then GET /metrics over http, on stream 1.
    let no_window = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0];
    let get = [&[0, 0, 12, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x04, 8][..], b"/metrics"].concat();
    stingy.write_bytes(&[PREFACE, &no_window, &get].concat()).await;
    let said = stingy.read_to_end().await;
    assert!(!said.contains("http_requests"), "{said}");
}

#[tokio::test]
async fn who_takes_a_long_answer_slowly_gets_it_whole() {
    let app = TestApp::with(|settings| {
        settings.set("HEADER_TIMEOUT_SECS", 1);
    })
    .await;
    let (path, network) = ("/api-docs/openapi.json", Proxy::before(app.address).await);
    let long = Held::plain_http2(app.address).await.get(path).await.text.len();
    let slow = Held::plain_http2(network.address).await;
    // It takes four times as long as a connection may do nothing.
    network.narrow((long / 4) as u32);
    let told = slow.get(path).await;
    assert_eq!((told.status, told.text.len()), (200, long));
}

#[tokio::test]
async fn a_stop_doesnt_wait_for_who_never_said_anything() {
    let app = TestApp::with(|settings| {
        settings.set("DRAIN_TIMEOUT_SECS", 300);
    })
    .await;
    let mut silent = [app.raw().await, app.raw().await];
    silent[1].write("PRI ").await;
    // Both are taken before this one is answered.
    app.anonymous().get("//health/live").await.expect(200);
    within("the server to stop", tokio::task::spawn_blocking(|| app.stop())).await.unwrap();
    drop(silent);
}

#[tokio::test]
async fn requests_taken_back_in_a_flood_end_the_connection() {
    let app = TestApp::start().await;
    let mut hostile = app.raw().await;
    let mut flood = [PREFACE, SETTINGS].concat();
    for stream in (1..2000).step_by(2).map(u32::to_be_bytes) {
        // GET / over http, headers ended and stream ended; then its reset.
        flood.extend([0, 0, 3, 1, 5].iter().chain(&stream).chain(&[0x82, 0x86, 0x84]));
        flood.extend([0, 0, 4, 3, 0].iter().chain(&stream).chain(&[0, 0, 0, 8]));
    }
    hostile.write_bytes(&flood).await;
    let said = hostile.read_to_end().await;
    assert!(said.contains("too_many_resets"), "{said:?}");
    app.anonymous().get("//health").await.expect(200);
}

#[tokio::test]
async fn a_head_is_bounded() {
    let app = TestApp::start().await;
    let connection = Held::plain_http2(app.address).await;
    for (kib, status) in [(30, 200), (40, 431), (30, 200)] {
        let long = "x".repeat(kib * 1024);
        let told = connection.ask("GET", "/health/live", &[("x-long", &long)], None).await;
        assert_eq!(told.status, status, "{kib} KiB");
    }
}

#[tokio::test]
async fn a_socket_polls_beside_other_requests_and_a_page_of_this_origin_may() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let connection = Held::plain_http2(app.address).await;
    let origin = [("origin", &*format!("http://{}", app.address))];
    let opened = connection.ask("GET", "/socket.io/?EIO=4&transport=polling", &origin, None).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    let open: Value = serde_json::from_str(&opened.text[1..]).unwrap();
    let path = format!("/socket.io/?EIO=4&transport=polling&sid={}", open["sid"].as_str().unwrap());
    let say = async |text: String| {
        let (pieces, posted) = connection.begin("POST", &path, &[("content-type", "text/plain")]);
        pieces.send(text).unwrap();
        drop(pieces);
        assert_eq!(within("an answer", posted).await.unwrap().unwrap().text, "ok");
    };
    say(format!("40{}", json!({ "token": ana.access_token }))).await;
    let mut heard = String::new();
    while !(heard.contains("40{\"sid\"") && heard.contains("welcome")) {
        heard.push_str(&connection.get(&path).await.text);
    }

    // It waits for what the server has to say, while others are answered.
    let (_, waiting) = connection.begin("GET", &path, &[]);
    let bearer = bearer(&ana);
    let me = connection.ask("GET", "/api/v1/users/me", &[("authorization", &bearer)], None).await;
    assert_eq!(me.status, 200);
    ana.post("/auth/logout", json!({ "refreshToken": ana.refresh_token })).await.expect(204);
    let told = within("the farewell", waiting).await.unwrap().unwrap();
    assert!(told.text.contains("revoked"), "{}", told.text);
    assert_eq!(connection.get("/health/live").await.status, 200, "the connection is everybody's");
    say("1".to_owned()).await;
}

#[tokio::test]
async fn websockets_want_http1() {
    let app = TestApp::start().await;
    let connection = Held::plain_http2(app.address).await;
    let answer = connection.get("/socket.io/?EIO=4&transport=websocket").await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    // An extended CONNECT (RFC 8441) breaks the protocol: the server hasn't offered it.
    let mut connect = literal(2, "CONNECT");
    connect.extend([&[0, 9][..], b":protocol", &[9], b"websocket", &[0x86]].concat());
    connect.extend(literal(4, "/socket.io/?EIO=4&transport=websocket"));
    connect.extend(literal(1, "localhost"));
    let mut raw = app.raw().await;
    raw.write_bytes(&[PREFACE, SETTINGS, &headers(1, &connect)].concat()).await;
    // A frame that resets it.
    let refused = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 1];
    assert!(raw.hears("PROTOCOL_ERROR", &refused).await, "the connection was ended");
}

/// A HEADERS frame that ends the headers and leaves the stream open.
fn headers(stream: u32, block: &[u8]) -> Vec<u8> {
    let length = u8::try_from(block.len()).unwrap();
    [&[0, 0, length, 1, 4][..], &stream.to_be_bytes(), block].concat()
}

/// A header named by its number in HPACK's table, with a value that isn't in it.
fn literal(name: u8, value: &str) -> Vec<u8> {
    let name = if name < 15 { vec![name] } else { vec![15, name - 15] };
    [&name[..], &[u8::try_from(value.len()).unwrap()], value.as_bytes()].concat()
}
