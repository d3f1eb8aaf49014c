//! `demo`: the main job with an invented community, for everyone who wants to see it.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use gridbook_core::model::words::Locale;

use super::Context;
use super::serve::told_to_stop;
use crate::config::LISTEN;
use crate::demo::population::Size;
use crate::demo::{self, Demo as Setting};
use crate::error::{Error, Result};

/// How long a step of the day rests in front of somebody, unless they say otherwise.
const STEP: Duration = Duration::from_secs(1);

/// Show the main job: found an invented community of about 8,000 residents, let three phones lose the
/// network, work and come together again, print the lead's page of the day, and keep serving until Ctrl-C.
/// Everything lands in the data folder; the same folder goes on where it was.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Which community to invent; the same number always means the same one.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN)]
    listen: SocketAddr,
    /// The language of the story.
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    lang: Language,
    /// Tell the story and stop, instead of serving on.
    #[arg(long)]
    once: bool,
    /// How many milliseconds a step of the day rests; a second in front of somebody, otherwise none.
    #[arg(long, value_name = "MILLISECONDS")]
    step: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    /// 简体中文
    Zh,
    /// English
    En,
}

impl Demo {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let setting = Setting {
            folder: context.data(),
            seed: self.seed,
            size: Size::Full,
            listen: self.listen,
            // Nobody watches what a program runs.
            pace: match self.step {
                Some(step) => Duration::from_millis(step),
                None if std::io::stdout().is_terminal() => STEP,
                None => Duration::ZERO,
            },
            locale: if self.lang == Language::Zh { Locale::Chinese } else { Locale::English },
        };
        let mut broken = None;
        let mut print = |line: &str| {
            if let Err(error) = context.line(line) {
                broken.get_or_insert(error);
            }
        };
        let running = demo::run(setting, &mut print).await?;
        if let Some(error) = broken {
            return Err(error);
        }
        if !self.once {
            told_to_stop().await;
        }
        running.stop().await.map_err(|error| Error::Database(error.to_string()))
    }
}
