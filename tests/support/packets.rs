//! Socket.IO v4 over one WebSocket: what travels, and the task that reads and writes it.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{
    event_contract::{check_answer, check_push},
    raw::Stream,
};

pub type WebSocket = WebSocketStream<Box<dyn Stream>>;

/// What the client wants of its task.
pub enum Command {
    Emit {
        event: String,
        payload: Value,
        ack: Option<oneshot::Sender<Value>>,
    },
    /// Stop reading, or go on.
    Pause(bool),
    Leave,
}

/// What its task tells the client.
#[derive(Debug)]
pub enum Arrival {
    Event(String, Value),
    Closed(Closed),
}

/// What arrived and isn't as the AsyncAPI document shows it.
pub type Faults = Arc<Mutex<Vec<String>>>;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The server took leave: official clients don't come back by themselves.
    Namespace,
    /// The connection ended beneath: official clients come back.
    Transport,
}

/// Opens the WebSocket and reads Engine.IO's greeting. An `Err` says why there was none.
pub async fn open(address: SocketAddr) -> Result<WebSocket, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    open_over(Box::new(stream)).await
}

/// The same over a connection that the test has made.
pub async fn open_over(stream: Box<dyn Stream>) -> Result<WebSocket, String> {
    open_as(stream, None).await
}

/// The same with an address that a proxy would have added.
pub async fn open_as(stream: Box<dyn Stream>, from: Option<&str>) -> Result<WebSocket, String> {
    let url = "ws://localhost/socket.io/?EIO=4&transport=websocket";
    let mut request = url.into_client_request().map_err(|error| error.to_string())?;
    if let Some(from) = from {
        request.headers_mut().insert("x-forwarded-for", from.parse().expect("it is an address"));
    }
    let (mut socket, _) = client_async(request, stream).await.map_err(|error| error.to_string())?;
    match socket.next().await {
        Some(Ok(Message::Text(text))) if text.starts_with("0{") => Ok(socket),
        other => Err(format!("no greeting but {other:?}")),
    }
}

/// Who waits for the answer of this number, and to which event.
type Acks = HashMap<u64, (String, oneshot::Sender<Value>)>;

/// Works for one connected client until either side ends it.
pub async fn work(
    mut socket: WebSocket,
    mut commands: mpsc::UnboundedReceiver<Command>,
    arrivals: mpsc::UnboundedSender<Arrival>,
    faults: Faults,
) {
    let mut acks = Acks::new();
    let (mut paused, mut last_ack) = (false, 0);
    let closed = loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(Command::Emit { event, payload, ack }) => {
                    let number = ack.map(|ack| {
                        last_ack += 1;
                        acks.insert(last_ack, (event.clone(), ack));
                        last_ack.to_string()
                    });
                    let body = Value::from(vec![Value::from(event), payload]);
                    let packet = format!("42{}{body}", number.unwrap_or_default());
                    if socket.send(Message::text(packet)).await.is_err() && !paused {
                        break Closed::Transport;
                    }
                }
                Some(Command::Pause(pause)) => paused = pause,
                Some(Command::Leave) => _ = socket.send(Message::text("41")).await,
                // The client is gone: so is the connection, without a word.
                None => return,
            },
            message = socket.next(), if !paused => match message {
                Some(Ok(Message::Text(text))) if text == "2" => _ = socket.send(Message::text("3")).await,
                Some(Ok(Message::Text(text))) if text.starts_with("41") => break Closed::Namespace,
                Some(Ok(Message::Text(text))) => {
                    if let Err(fault) = received(&text, &mut acks, &arrivals) {
                        faults.lock().expect("nothing panics while it is held").push(fault);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break Closed::Transport,
                Some(Ok(_)) => {}
            },
        }
    };
    // The client may have been dropped meanwhile.
    _ = arrivals.send(Arrival::Closed(closed));
}

/// Hands on what a packet holds; fails, all the same, when it isn't as documented.
fn received(text: &str, acks: &mut Acks, to: &mpsc::UnboundedSender<Arrival>) -> Result<(), String> {
    let Some((head, rest)) = text.split_at_checked(2) else { return Ok(()) };
    let (number, body) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    let mut body: Vec<Value> = serde_json::from_str(body).unwrap_or_default();
    let mut checked = Ok(());
    match head {
        "42" if !body.is_empty() => {
            let name = body.remove(0).as_str().unwrap_or_default().to_owned();
            let payload = body.into_iter().next().unwrap_or_default();
            checked = check_push(&name, &payload);
            _ = to.send(Arrival::Event(name, payload));
        }
        "43" => {
            if let Some((event, ack)) = number.parse().ok().and_then(|number| acks.remove(&number)) {
                let answer = body.into_iter().next().unwrap_or_default();
                checked = check_answer(&event, &answer);
                _ = ack.send(answer);
            }
        }
        _ => {}
    }
    checked
}
