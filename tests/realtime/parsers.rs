//! Clients say in the address how they write their packets.

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

use crate::support::{TestApp, within};

#[tokio::test]
async fn a_parser_that_there_isnt_is_a_problem() {
    let app = TestApp::start().await;
    for transport in ["polling", "websocket"] {
        let path = format!("//socket.io/?EIO=4&transport={transport}&parser=cbor");
        let refused = app.anonymous().get(&path).await.problem("E_REQUEST_MALFORMED", 400);
        assert_eq!(refused.text("detail"), "The parsers are json and msgpack.");
    }
}

#[tokio::test]
async fn who_writes_otherwise_than_they_said_is_hung_up_on() {
    let app = TestApp::start().await;
    let json = Message::text("40{}");
    let packed = Message::binary(b"\x82\xa4type\x00\xa3nsp\xa1/".to_vec());
    for (said, writes) in [("json", packed), ("msgpack", json)] {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket&parser={said}", app.address);
        let (mut socket, _) = connect_async(url).await.unwrap();
        socket.send(writes).await.unwrap();
        let ended = async {
            while let Some(Ok(message)) = socket.next().await {
                if message.is_close() {
                    break;
                }
            }
        };
        within("the server to hang up", ended).await;
    }
}
