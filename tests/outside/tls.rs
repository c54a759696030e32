//! TLS and HTTP/2, as other people's clients meet them; the commands are those of `docs/http.md`.

use std::{fs, path::Path};

use super::{
    readme::{blocks, shell},
    script::{node_at, run},
    server::Server,
    tools,
};

#[tokio::test]
async fn the_commands_of_the_documents_serve_tls_and_curl_and_node_are_content() {
    let text = fs::read_to_string(tools::in_project("docs/http.md")).expect("there is a page");
    let commands: Vec<String> = blocks(&text).into_iter().map(|block| block.lines).collect();
    let [make, ask] = commands.as_slice() else { panic!("the page has other commands: {commands:?}") };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    shell(make, folder.path(), &[]).await;
    let (certificate, key) = (path(folder.path(), "cert.pem"), path(folder.path(), "key.pem"));
    let server = Server::with(&[("TLS_CERT", &certificate), ("TLS_KEY", &key)]).await;
    let url = format!("https://localhost:{}", server.port());
    shell(&ask.replace("https://localhost:4000", &url), folder.path(), &server.environment()).await;

    // Node knows no protocol but HTTP/1.1 here, and refuses who isn't vouched for.
    for transports in ["websocket", "polling", "upgrade"] {
        run(node_at("chat.mjs", &[transports], &url).env("NODE_EXTRA_CA_CERTS", &certificate)).await;
    }
    run(node_at("http2.mjs", &[], &url).env("NODE_EXTRA_CA_CERTS", &certificate)).await;
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}
