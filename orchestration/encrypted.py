"""Texts that are kept encrypted: secrets of webhooks, keys of models. See `audit.encrypted`."""

from audit.encrypted import Lost as Lost
from audit.encrypted import close as close
from audit.encrypted import open_up as open_up
from audit.encrypted import renewed as renewed
