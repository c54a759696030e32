//! A Socket.IO client that tests can hold still and look into.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
};
use tokio_tungstenite::tungstenite::Message;

pub use super::packets::Closed;
use super::{
    packets::{Arrival, Command, Faults, WebSocket, open, open_as, open_over, work},
    raw::Stream,
    within,
};

/// For an answer to an event.
const ACK_WITHIN: Duration = Duration::from_secs(10);

/// A connected socket; its connection ends, without a farewell, when it is dropped. The test then fails if
/// anything that arrived isn't as the AsyncAPI document shows it.
pub struct SocketClient {
    /// As the server names it.
    pub sid: String,
    commands: mpsc::UnboundedSender<Command>,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    /// Events that arrived and that nobody has asked for yet.
    kept: VecDeque<(String, Value)>,
    closed: Option<Closed>,
    faults: Faults,
}

impl SocketClient {
    /// Connects to the default namespace. `Err` is the message of the `connect_error`.
    pub async fn connect(address: SocketAddr, token: Option<&str>) -> Result<Self, String> {
        let auth = token.map_or(json!({}), |token| json!({ "token": token }));
        Self::connect_saying(address, auth).await
    }

    /// With this `auth` in the handshake.
    pub async fn connect_saying(address: SocketAddr, auth: Value) -> Result<Self, String> {
        Self::greet(within("the WebSocket to open", open(address)).await?, auth).await
    }

    /// The same over a connection that the test has made.
    pub async fn over(stream: impl Stream + 'static, token: &str) -> Result<Self, String> {
        let socket = within("the WebSocket to open", open_over(Box::new(stream))).await?;
        Self::greet(socket, json!({ "token": token })).await
    }

    /// As if a proxy on this machine passed on what somebody at this address asks for.
    pub async fn connect_from(from: &str, address: SocketAddr, token: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let socket = within("the WebSocket to open", open_as(Box::new(stream), Some(from))).await?;
        Self::greet(socket, json!({ "token": token })).await
    }

    async fn greet(mut socket: WebSocket, auth: Value) -> Result<Self, String> {
        socket.send(Message::text(format!("40{auth}"))).await.map_err(|error| error.to_string())?;
        let answer = within("the namespace's answer", async {
            loop {
                match socket.next().await {
                    Some(Ok(Message::Text(text))) if text.starts_with("4") => return Ok(text.to_string()),
                    Some(Ok(Message::Text(text))) if text == "2" => _ = socket.send(Message::text("3")).await,
                    Some(Ok(_)) => {}
                    other => return Err(format!("no answer but {other:?}")),
                }
            }
        })
        .await?;
        let (kind, body) = answer.split_at(2);
        let body: Value = serde_json::from_str(body).map_err(|_| answer.clone())?;
        if kind != "40" {
            return Err(body["message"].as_str().unwrap_or(&answer).to_owned());
        }
        let (commands, of_client) = mpsc::unbounded_channel();
        let (to_client, arrivals) = mpsc::unbounded_channel();
        let faults = Faults::default();
        tokio::spawn(work(socket, of_client, to_client, faults.clone()));
        let sid = body["sid"].as_str().unwrap_or_default().to_owned();
        Ok(Self { sid, commands, arrivals, kept: VecDeque::new(), closed: None, faults })
    }

    /// Sends an event that asks for no answer.
    pub fn emit(&self, event: &str, payload: Value) {
        self.command(Command::Emit { event: event.to_owned(), payload, ack: None });
    }

    /// Sends an event now; the answer, `{ok, …}`, can be awaited later. It fails when the connection ends first.
    pub fn ask(&self, event: &str, payload: Value) -> oneshot::Receiver<Value> {
        let (ack, answer) = oneshot::channel();
        self.command(Command::Emit { event: event.to_owned(), payload, ack: Some(ack) });
        answer
    }

    /// Sends an event and waits: its data, or the problem.
    pub async fn call(&self, event: &str, payload: Value) -> Result<Value, Value> {
        let answer = tokio::time::timeout(ACK_WITHIN, self.ask(event, payload)).await;
        let answer = answer.unwrap_or_else(|_| panic!("no answer to {event}"));
        let mut answer =
            answer.unwrap_or_else(|_| panic!("the connection ended before the answer to {event}"));
        match answer["ok"].as_bool() {
            Some(true) => Ok(answer["data"].take()),
            Some(false) => Err(answer["problem"].take()),
            None => panic!("no answer of ours to {event}: {answer}"),
        }
    }

    /// The next event of this name, waited for; others that came before it are kept in order.
    pub async fn next(&mut self, event: &str) -> Value {
        if let Some(place) = self.kept.iter().position(|(name, _)| name == event) {
            return self.kept.remove(place).expect("it is at this place").1;
        }
        within(event, async {
            loop {
                match self.arrivals.recv().await {
                    Some(Arrival::Event(name, payload)) if name == event => return payload,
                    Some(Arrival::Event(name, payload)) => self.kept.push_back((name, payload)),
                    Some(Arrival::Closed(how)) => self.closed = Some(how),
                    None => panic!("the socket closed ({:?}) before {event} came", self.closed),
                }
            }
        })
        .await
    }

    /// What has arrived so far and wasn't taken by [`SocketClient::next`], in order. But for the `welcome`, which
    /// comes to everybody at some time.
    pub fn events(&mut self) -> Vec<(String, Value)> {
        while let Ok(arrival) = self.arrivals.try_recv() {
            match arrival {
                Arrival::Event(name, payload) => self.kept.push_back((name, payload)),
                Arrival::Closed(how) => self.closed = Some(how),
            }
        }
        self.kept.drain(..).filter(|(name, _)| name != "welcome").collect()
    }

    /// Waits until the server has ended it, and says how. Events that came before are kept.
    pub async fn closed(&mut self) -> Closed {
        while self.closed.is_none() {
            match within("the socket to be closed", self.arrivals.recv()).await {
                Some(Arrival::Event(name, payload)) => self.kept.push_back((name, payload)),
                Some(Arrival::Closed(how)) => self.closed = Some(how),
                None => self.closed = Some(Closed::Transport),
            }
        }
        self.closed.expect("the loop ends with it")
    }

    /// Reads nothing from now on, so that the server's buffers fill.
    pub fn stop_reading(&self) {
        self.command(Command::Pause(true));
    }

    pub fn read_again(&self) {
        self.command(Command::Pause(false));
    }

    /// Takes leave of the namespace, as `socket.disconnect()` does.
    pub fn leave(&self) {
        self.command(Command::Leave);
    }

    /// A command to a socket that has ended is lost, as it would be on the network.
    fn command(&self, command: Command) {
        _ = self.commands.send(command);
    }
}

impl Drop for SocketClient {
    fn drop(&mut self) {
        let faults = self.faults.lock().expect("nothing panics while it is held");
        if !std::thread::panicking() {
            assert!(faults.is_empty(), "{faults:#?}");
        } else if !faults.is_empty() {
            eprintln!("{faults:#?}");
        }
    }
}
