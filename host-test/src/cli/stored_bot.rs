//! A bot of the pages that `submit` or `schedule add` has workers run, with what is given for its inputs.

use action_host::Host;
use anyhow::{Context, bail};
use bot_engine::check::Checker;
use bot_engine::{Bot, Catalogue, Variable, Variables};
use control_room::audit_events::Action;
use control_room::bots::StoredBot;
use control_room::passwords::Account;
use control_room::queue::DEFAULT_POOL;
use control_room::{Name, Principal, Secrets, Store};
use control_room_web::worker::draft;
use secrecy::ExposeSecret as _;

use super::components;
use super::definition::definition;
use super::environment::variable;
use super::locale::{language, locale};
use super::messages;
use super::options::ComponentOptions;
use super::output::one_line;
use super::queue_messages as texts;
use super::setup::configured_network;

#[derive(Debug, clap::Args)]
pub(crate) struct BotOptions {
    /// The name of the bot
    #[arg(value_name = "BOT")]
    pub(crate) name: String,
    /// Queue it for the workers of this pool
    #[arg(long, value_name = "NAME", default_value = DEFAULT_POOL)]
    pub(crate) pool: Name,
    /// The user whose bot it is, and on whose behalf it runs [default: the only user]
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<Name>,
    /// Set an input of the bot; for a secret, use --env
    #[arg(long = "variable", value_name = "NAME=TEXT", value_parser = definition)]
    pub(crate) variables: Vec<(String, String)>,
    /// Pass the environment variable NAME to the bot, as the secret input of that name
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) env: Vec<String>,
    #[command(flatten)]
    pub(crate) components: ComponentOptions,
}

/// A bot in which nothing is wrong.
pub(crate) struct Checked {
    pub(crate) account: Account,
    pub(crate) stored: StoredBot,
    pub(crate) bot: Bot,
}

impl BotOptions {
    /// What is given for the inputs of the bot.
    pub(crate) fn given(&self) -> anyhow::Result<Variables> {
        let mut given = Variables::default();
        for (name, text) in &self.variables {
            given.set(name, Variable::Text(text.clone()));
        }
        for name in &self.env {
            let value = variable(name)?;
            let value = value.with_context(|| messages::variable_not_set(language(), name))?;
            given.set(name, Variable::Credential(value.expose_secret().into()));
        }
        Ok(given)
    }

    /// The actions that the bot can use.
    pub(crate) async fn catalogue(&self) -> anyhow::Result<Catalogue> {
        let (_, catalogue) = components::load(&Host::builder().build()?, &self.components).await?;
        Ok(catalogue)
    }

    /// The bot, if nothing is wrong in it now. Otherwise, the audit log says that this was refused.
    pub(crate) async fn checked(
        &self,
        wanted: Action,
        store: &Store,
        given: &Variables,
        catalogue: &Catalogue,
    ) -> anyhow::Result<Checked> {
        let account = account(store, self.user.as_ref()).await?;
        let stored = stored_bot(store, &account, &self.name).await?;
        let (bot, mut problems) = draft(&stored.file, store.bots(&account), catalogue).await;
        problems.extend(bot.input_problems(given));
        let secrets = Secrets {
            store: store.clone(),
            connections: store.connections(configured_network(None, None)?),
            user: account.name.clone(),
            run: None,
        };
        let checker = Checker {
            secrets: &secrets,
            variables: given,
            actions: None,
            locale: locale(),
        };
        let checked = checker.check_draft(&bot, problems).await;
        if let Err(error) = checked.into_result() {
            let by = Principal::User(account.name.clone());
            store.audit().refused(&by, wanted, &bot.name).await?;
            return Err(error).context(stored.summary.name);
        }
        Ok(Checked {
            account,
            stored,
            bot,
        })
    }
}

/// This user, or the only one.
pub(crate) async fn account(store: &Store, user: Option<&Name>) -> anyhow::Result<Account> {
    let name = if let Some(user) = user {
        store.users().get(user).await?.name
    } else {
        let mut users = store.users().list().await?.into_iter();
        match (users.next(), users.next()) {
            (Some(user), None) => user.name,
            _ => bail!(texts::which_user(language())),
        }
    };
    let account = store.passwords().named(&name).await?;
    account.with_context(|| texts::no_bots(language(), &name))
}

async fn stored_bot(store: &Store, account: &Account, name: &str) -> anyhow::Result<StoredBot> {
    let bots = store.bots(account);
    let found = bots.list(name, 0, u32::MAX).await?;
    let mut named = found.items.into_iter().filter(|bot| bot.name == name);
    let shown = one_line(name);
    let Some(bot) = named.next() else {
        bail!(texts::no_bot(language(), &account.name, shown));
    };
    if named.next().is_some() {
        bail!(texts::several_bots(language(), &account.name, shown));
    }
    Ok(bots.get(&bot.id).await?)
}
