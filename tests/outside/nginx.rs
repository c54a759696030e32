//! Behind nginx, as in most deployments: the clients notice nothing, and the server believes nobody.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use super::{
    script::{node_at, run},
    server::{Server, free_port},
    tools,
};
use crate::wait::in_time;

const START_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test]
async fn the_client_chats_through_nginx_over_websocket_and_over_an_upgrade() {
    let server = Server::start().await;
    let proxy = Nginx::before(&server).await;
    run(node_at("chat.mjs", &["websocket"], &proxy.url())).await;
    run(node_at("chat.mjs", &["upgrade"], &proxy.url())).await;
    run(node_at("reconnect.mjs", &["upgrade"], &proxy.url())).await;
}

#[tokio::test]
async fn an_address_that_a_header_claims_is_not_believed() {
    let server = Server::start().await;
    let proxy = Nginx::before(&server).await;
    run(node_at("forwarded.mjs", &[], &proxy.url())).await;
}

/// A private nginx; killed when it is dropped.
struct Nginx {
    _child: Child,
    _folder: tempfile::TempDir,
    port: u16,
}

impl Nginx {
    async fn before(server: &Server) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let port = free_port();
        let config = folder.path().join("nginx.conf");
        std::fs::write(&config, configuration(folder.path(), port, server.port()))
            .expect("a file can be written");
        let mut command = Command::new(tools::nginx());
        command.arg("-p").arg(folder.path()).arg("-c").arg(&config).args(["-e", "stderr"]);
        command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.spawn().expect("nginx can be run");
        let listens = in_time(START_WITHIN, async || {
            let ended = child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "nginx ended at once");
            TcpStream::connect(("127.0.0.1", port)).await.ok()
        });
        listens.await.expect("nginx listens in time");
        Self { _child: child, _folder: folder, port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// One process without privileges, which keeps everything in its folder.
fn configuration(folder: &Path, port: u16, server: u16) -> String {
    let folder = folder.display();
    format!(
        "\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{}}

http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;

    upstream rookery {{
        server 127.0.0.1:{server};
        keepalive 16;
    }}
    map $http_upgrade $connection_upgrade {{
        default upgrade;
        '' '';
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://rookery;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_read_timeout 75s;
            proxy_buffering off;
        }}
    }}
}}
"
    )
}
