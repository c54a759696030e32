//! The official clients chat, over each way that they can connect.

use super::{
    script::{Script, node, python, run},
    server::Server,
};

#[tokio::test]
async fn the_javascript_client_chats_over_websocket() {
    let server = Server::start().await;
    run(node("chat.mjs", &["websocket"], &server)).await;
}

#[tokio::test]
async fn the_javascript_client_chats_over_polling() {
    let server = Server::start().await;
    run(node("chat.mjs", &["polling"], &server)).await;
}

#[tokio::test]
async fn the_javascript_client_chats_after_upgrading_from_polling() {
    let server = Server::start().await;
    run(node("chat.mjs", &["upgrade"], &server)).await;
}

#[tokio::test]
async fn the_javascript_client_chats_in_messagepack() {
    let server = Server::start().await;
    for transport in ["websocket", "polling", "upgrade"] {
        run(node("chat.mjs", &[transport, "msgpack"], &server)).await;
    }
}

#[tokio::test]
async fn bytes_where_text_belongs_are_refused_where_they_stand() {
    let server = Server::start().await;
    for transport in ["websocket", "polling", "upgrade"] {
        for parser in ["json", "msgpack"] {
            run(node("binary.mjs", &[transport, parser], &server)).await;
        }
    }
}

#[tokio::test]
async fn the_javascript_client_reconnects_and_misses_nothing() {
    let server = Server::start().await;
    for transport in ["websocket", "polling", "upgrade"] {
        run(node("reconnect.mjs", &[transport], &server)).await;
    }
}

#[tokio::test]
async fn the_reconnecting_client_of_the_documents_shows_everything_once() {
    let server = Server::start().await;
    run(node("sample.mjs", &[], &server)).await;
}

#[tokio::test]
async fn a_socket_lives_as_long_as_its_session_and_its_token() {
    let server = Server::start().await;
    for transport in ["websocket", "polling", "upgrade"] {
        run(node("session.mjs", &[transport], &server)).await;
    }
}

#[tokio::test]
async fn the_python_client_chats_and_catches_up() {
    let mut server = Server::start().await;
    for transport in ["websocket", "polling", "upgrade"] {
        let mut script = Script::start(&mut python("chat.py", &[transport], &server));
        if script.wish().await.as_deref() == Some("kill") {
            server.kill().await;
            server.start_again().await;
        }
        script.succeeds().await;
    }
}
