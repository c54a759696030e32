//! Clients that misbehave, each in a way of its own. Whatever they do, in the end they are answered or hung up on.

use futures_util::{SinkExt, StreamExt};
use rmpv::Value as Packed;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Message,
        protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

use super::{
    chance::Chance,
    packets::{Packet, json_packet, msgpack_packet},
};
use crate::support::{Chat, Held, PollingClient, TestApp, Told, within};

/// Packets of one session, at most.
const PACKETS: usize = 16;
/// The number of the last question, and the event, which there isn't.
const LAST: u64 = 987_654;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub struct Misbehaving<'a> {
    pub app: &'a TestApp,
    pub chat: &'a Chat,
    pub token: &'a str,
    pub chance: Chance,
}

impl Misbehaving<'_> {
    pub async fn run(mut self) {
        match self.chance.below(8) {
            0 => self.websocket(false, false).await,
            1..=3 => self.websocket(false, true).await,
            4 | 5 => self.websocket(true, true).await,
            6 => self.polling().await,
            _ => self.upgrading().await,
        }
    }

    fn address(&self, rest: &str) -> String {
        format!("ws://{}/socket.io/?EIO=4&transport=websocket{rest}", self.app.address)
    }

    async fn websocket(&mut self, msgpack: bool, known: bool) {
        let address = self.address(if msgpack { "&parser=msgpack" } else { "" });
        let (mut socket, _) = connect_async(address).await.expect("it opens");
        let auth = json!({ "token": self.token });
        if known && msgpack {
            let auth: Packed = serde_json::from_value(auth).expect("it is a value");
            let connect = [("type", 0.into()), ("nsp", "/".into()), ("data", auth)];
            socket.send(Message::binary(packed(&connect))).await.expect("it is open");
            hears(&mut socket, b"sid").await;
        } else if known {
            socket.send(Message::text(format!("40{auth}"))).await.expect("it is open");
            hears(&mut socket, b"40{\"sid\"").await;
        }
        for _ in 0..self.chance.below(PACKETS) {
            let sent = match if msgpack { self.msgpack() } else { self.json() } {
                // As a frame, because a text that isn't one is refused by our own side.
                Packet::Text(text) => Message::Frame(Frame::message(text, OpCode::Data(Data::Text), true)),
                Packet::Binary(bytes) => Message::binary(bytes),
            };
            if socket.send(sent).await.is_err() {
                return;
            }
        }
        match self.chance.below(4) {
            0 => {}
            1 => _ = socket.close(None).await,
            _ if msgpack => {
                let event = Packed::Array(vec!["unheardOf".into(), Packed::Nil]);
                let last = [("type", 2.into()), ("nsp", "/".into()), ("data", event), ("id", LAST.into())];
                self.ends(socket, Message::binary(packed(&last)), b"E_EVENT_UNKNOWN").await;
            }
            _ => {
                let answer = format!("43{LAST}[");
                self.ends(socket, Message::text(format!("42{LAST}[\"unheardOf\"]")), answer.as_bytes()).await;
            }
        }
    }

    /// The last question is answered, or the connection is over.
    async fn ends(&self, mut socket: Socket, last: Message, answer: &[u8]) {
        if socket.send(last).await.is_ok() {
            hears(&mut socket, answer).await;
        }
    }

    async fn polling(&mut self) {
        let client = PollingClient::connect(Held::plain(self.app.address).await, self.token).await;
        let path = client.path();
        for _ in 0..self.chance.below(PACKETS) {
            let body: Vec<String> = (0..self.chance.below(4)).map(|_| self.in_a_body()).collect();
            if let Some(told) = self.post(path, body.join("\u{1e}")).await {
                assert!(matches!(told.status, 200 | 400 | 413), "{} {}", told.status, told.text);
                let worded = told.status == 200 || told.text.contains("\"code\"");
                assert!(worded, "refused without a word: {}", told.text);
            }
        }
        if self.chance.once_in(3) {
            // Somebody who asks twice at once is hung up on.
            let other = Held::plain(self.app.address).await;
            let (one, other) = tokio::join!(client.poll(), other.get(path));
            assert!([one.status, other.status].iter().all(|it| matches!(it, 200 | 400)));
        }
        self.post(path, format!("42{LAST}[\"unheardOf\"]")).await;
        let answered = async {
            loop {
                let told = Held::plain(self.app.address).await.get(path).await;
                if told.status == 400 || told.text.contains(&format!("43{LAST}[")) {
                    return;
                }
                assert_eq!(told.status, 200, "{}", told.text);
                if told.text.split('\u{1e}').any(|packet| packet == "2") {
                    self.post(path, "3".to_owned()).await;
                }
            }
        };
        within("an answer, or the end of the session", answered).await;
    }

    /// Over a connection of its own: who is refused for too long a body is hung up on, perhaps amid sending it, and
    /// hears nothing then.
    async fn post(&self, path: &str, packets: String) -> Option<Told> {
        let connection = Held::plain(self.app.address).await;
        let (body, answer) = connection.begin("POST", path, &[("content-type", "text/plain")]);
        body.send(packets).expect("the request is open");
        drop(body);
        within("an answer", answer).await.expect("it isn't cancelled").ok()
    }

    /// Changes over to a WebSocket, or only begins to.
    async fn upgrading(&mut self) {
        let client = PollingClient::connect(Held::plain(self.app.address).await, self.token).await;
        let sid = client.path().rsplit('=').next().expect("it is named");
        let (mut socket, _) = connect_async(self.address(&format!("&sid={sid}"))).await.expect("it opens");
        let steps = [&["2probe", "5"][..], &["2probe"], &["5"], &["2probe", "4", "5"], &["2", "2probe"], &[]];
        for step in self.chance.one_of(&steps) {
            if self.chance.once_in(6) {
                _ = socket.send(Message::binary(self.chance.bytes(8))).await;
            }
            _ = socket.send(Message::text(*step)).await;
        }
        let told = if self.chance.once_in(2) { client.poll().await } else { client.post("4").await };
        assert!(matches!(told.status, 200 | 400), "{} {}", told.status, told.text);
        if self.chance.once_in(2) {
            _ = socket.close(None).await;
        }
    }

    fn json(&mut self) -> Packet {
        json_packet(&mut self.chance, self.chat)
    }

    fn msgpack(&mut self) -> Packet {
        msgpack_packet(&mut self.chance, self.chat)
    }

    fn in_a_body(&mut self) -> String {
        match self.json() {
            Packet::Text(text) => String::from_utf8_lossy(&text).into_owned(),
            Packet::Binary(bytes) => format!("b{}", String::from_utf8_lossy(&bytes)),
        }
    }
}

fn packed(pairs: &[(&str, Packed)]) -> Vec<u8> {
    let pairs = pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    rmp_serde::to_vec(&Packed::Map(pairs)).expect("it can be packed")
}

/// Reads until this comes, or the end.
async fn hears(socket: &mut Socket, wanted: &[u8]) {
    let hears = async {
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() && message.to_text().is_ok_and(|text| text == "2") {
                _ = socket.send(Message::text("3")).await;
            } else if message.into_data().windows(wanted.len()).any(|bytes| bytes == wanted) {
                return;
            }
        }
    };
    within("an answer, or the end of the connection", hears).await;
}
