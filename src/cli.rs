//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, Outside},
    config::{Config, Environment},
    infra::telemetry,
    server::{self, Server},
};

#[derive(Parser)]
#[command(name = "rookery", version, about = "A modular backend: accounts, posts, messages")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and Socket.IO (the default)
    Serve,
    /// Print the OpenAPI document
    Openapi,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command and says how it went; errors go to standard error.
pub async fn run() -> ExitCode {
    match execute(Arguments::parse().command.unwrap_or(Command::Serve)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rookery: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> Result<(), Failure> {
    // Two backends are in the tree; TLS must know which one to use before anybody asks.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        tracing::debug!("a TLS backend had been chosen before");
    }
    match command {
        Command::Serve => serve().await,
        Command::Openapi => openapi().await,
    }
}

async fn serve() -> Result<(), Failure> {
    let config = Config::from_env()?;
    telemetry::init(&config.log);
    let greet = config.environment == Environment::Development;
    let prefix = config.server.api_prefix.clone();
    let server = Server::bind(App::build(config, Outside::default()).await?).await?;
    let address = server.address()?;
    tracing::info!(%address, "listening");
    if greet {
        greeting(&format!("http://{address}"), &prefix);
    }
    server.run(on_signal()?).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Two people, one of them an administrator, in two lines.
fn greeting(base: &str, prefix: &str) {
    println!(
        "\n  Rookery is at {base}, its API explorer at {base}/api-docs\n\n  \
         register:      curl {base}{prefix}/auth/register --json '{{\"username\":\"ana\",\"email\":\"ana@example.com\",\"password\":\"correct horse\"}}'\n  \
         become admin:  rookery admin grant ana   (here: cargo run -- admin grant ana)\n"
    );
}

/// Cancelled by the first SIGTERM or Ctrl-C.
fn on_signal() -> Result<CancellationToken, std::io::Error> {
    let token = CancellationToken::new();
    let stop = token.clone();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        let signalled = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        };
        #[cfg(not(unix))]
        let signalled = tokio::signal::ctrl_c();
        _ = signalled.await;
        stop.cancel();
    });
    Ok(token)
}

/// Needs no database: the document is made of types. A scratch one in a temporary folder is built
/// only because modules hold a handle.
async fn openapi() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("document.db").display().to_string();
    let config = Config::read(&|name| (name == "DATABASE_URL").then(|| format!("sqlite:{path}")))?;
    let app = App::build(config, Outside::default()).await?;
    print!("{}", server::document_text(&app));
    app.close().await?;
    Ok(())
}
