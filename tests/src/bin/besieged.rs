//! A server under siege: founds grids and people in a folder, prints its address and an invitation a line, and serves
//! until it is killed. The benches of `tests/benches/rows/storm.rs` and the soak measure its process.
#![allow(clippy::print_stdout, reason = "its caller reads what it prints")]

use std::path::{Path, PathBuf};

use gridbook_core::clock::Surroundings;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Role, ScopeKind};
use gridbook_server::Server;

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Phones of one grid.
const PHONES_PER_GRID: usize = 10;

#[tokio::main]
async fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(phones)) = (arguments.next(), arguments.next()) else {
        return Err("besieged FOLDER PHONES".into());
    };
    serve(&PathBuf::from(folder), phones.parse()?).await
}

/// The server: founds grids and people, prints its address and an invitation a line, and serves.
async fn serve(folder: &Path, phones: usize) -> Outcome {
    let server = Server::open(&folder.join("server"), Surroundings::system()).await?;
    let admin = server.admin();
    let community = admin.add_community("虚构社区").await?;
    let mut lines = Vec::new();
    let mut grid = ScopeId::default();
    for number in 0..phones {
        if number % PHONES_PER_GRID == 0 {
            let name = format!("第{}网格", number / PHONES_PER_GRID + 1);
            grid = admin.add_scope(&community, ScopeKind::Grid, &name).await?;
        }
        let person = admin.add_person(&format!("虚构人员{number}")).await?;
        admin.grant(&person, Role::Worker, &grid).await?;
        let invitation = admin.invite(&person, 1).await?;
        lines.push(format!("{} {person} {grid}", invitation.secret));
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let running = server.serve(listener)?;
    println!("{}", running.url());
    lines.iter().for_each(|line| println!("{line}"));
    std::future::pending::<()>().await;
    running.stop().await?;
    Ok(())
}
