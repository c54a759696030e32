//! nginx and HAProxy, with the configurations that `deploy` offers: only the addresses are others.

use std::{fs, path::Path, process::Stdio, time::Duration};

use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use super::{server::free_port, tools};
use crate::wait::in_time;

const START_WITHIN: Duration = Duration::from_secs(20);
/// The nodes of the configurations.
const NODES: [&str; 2] = ["10.0.0.1:4000", "10.0.0.2:4000"];

/// Stands before two nodes; killed when it is dropped.
pub struct Balancer {
    _child: Child,
    _folder: tempfile::TempDir,
    port: u16,
}

impl Balancer {
    /// By its name in `deploy`, before the nodes that listen on these ports.
    pub async fn start(name: &str, nodes: [u16; 2]) -> Self {
        match name {
            "nginx" => Self::nginx(nodes).await,
            "haproxy" => Self::haproxy(nodes).await,
            other => panic!("deploy has no {other}"),
        }
    }

    async fn nginx(nodes: [u16; 2]) -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a temporary folder can be made"), free_port());
        let site =
            configuration("nginx/rookery.conf", "listen 80;", &format!("listen 127.0.0.1:{port};"), nodes);
        fs::write(folder.path().join("rookery.conf"), site).expect("a file can be written");
        let whole = folder.path().join("nginx.conf");
        fs::write(&whole, around(folder.path())).expect("a file can be written");
        let mut command = Command::new(tools::nginx());
        command.arg("-p").arg(folder.path()).arg("-c").arg(&whole).args(["-e", "stderr"]);
        Self::run(command, folder, port).await
    }

    async fn haproxy(nodes: [u16; 2]) -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a temporary folder can be made"), free_port());
        let text = configuration("haproxy/haproxy.cfg", "bind :80", &format!("bind 127.0.0.1:{port}"), nodes);
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, text).expect("a file can be written");
        let mut command = Command::new(tools::haproxy());
        command.args(["-db", "-q", "-f"]).arg(&file);
        Self::run(command, folder, port).await
    }

    async fn run(mut command: Command, folder: tempfile::TempDir, port: u16) -> Self {
        command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.spawn().expect("it can be run");
        let listens = in_time(START_WITHIN, async || {
            let ended = child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "it ended at once");
            TcpStream::connect(("127.0.0.1", port)).await.ok()
        });
        listens.await.expect("it listens in time");
        Self { _child: child, _folder: folder, port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// What `deploy` offers, with this address of its own and these nodes.
fn configuration(file: &str, listens: &str, here: &str, nodes: [u16; 2]) -> String {
    let path = tools::in_project("deploy").join(file);
    let mut text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut replace = |from: &str, to: &str| {
        assert!(text.contains(from), "{file} doesn't say {from:?} any more");
        text = text.replace(from, to);
    };
    replace(listens, here);
    for (node, port) in NODES.iter().zip(nodes) {
        replace(node, &format!("127.0.0.1:{port}"));
    }
    text
}

/// One process without privileges, which keeps everything in its folder.
fn around(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 2048; }}

http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/rookery.conf;
}}
"
    )
}
