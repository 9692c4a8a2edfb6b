"""Words that say nothing of what a text is about, in the languages that our widgets speak.

Written for short answers about a product: articles, pronouns, prepositions, auxiliary verbs, and what everybody writes.
Accents are written as people write them; marks of Arabic vowels are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ENGLISH: Final = """
a about after again all also although always am an and any anyone anything are aren't around as at away back be because
been before being both but by came can can't cannot come could couldn't did didn't do does doesn't doing don't done down
each either else even ever every everything few for from get gets getting give go goes going gone good got had hadn't
has hasn't have haven't having he he'd he'll her here hers herself him himself his how however i i'd i'll i'm i've if in
instead into is isn't it it'd it'll its itself just keep kept know let like lot made make makes many may maybe me might
mine more most much must my myself need never no nor not nothing now of off often on once one only onto or other others
our ours ourselves out over own per perhaps please put quite rather really same say see seem she should shouldn't since
so some someone something sometimes still such sure take than thank thanks that the their theirs them themselves then
there these they they'd they'll they're they've thing things think this those though through to too took towards under
until up upon us use used using very want was wasn't way we we'd we'll we're we've well were weren't what whatever when
where whether which while who whole whom whose why will with within without won't would wouldn't yes yet you you'd
you'll you're you've your yours yourself
"""
_GERMAN: Final = """
ab aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus außer bei
beim bin bis bisschen bist bitte da dabei dadurch dafür dagegen daher damit danach dann daran darauf darum das dass dazu
dein deine dem den denn der deren des deshalb dessen dich die dies diese diesem diesen dieser dieses dir doch dort du
durch ein eine einem einen einer eines einfach einige einigen einmal er es etwas euch euer eure für ganz gar gegen geht
genau gibt ging hab habe haben hast hat hatte hatten hätte hätten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren
ihrer im immer in indem ins irgendwie ist ja jede jedem jeden jeder jedes jedoch jetzt kann kannst kein keine keinem
keinen keiner können könnte könnten machen macht mal man manche mehr mein meine meinem meinen meiner mich mir mit muss
müssen musste nach nachdem nein nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner seit
sich sie sind so sogar solche soll sollen sollte sollten sondern sonst über überhaupt um und uns unser unsere unter viel
viele vielen vielleicht vom von vor wann war waren warum was wegen weil weiter welche welchem welchen welcher welches
wenig wenn wer werde werden wie wieder will wir wird wirklich wo wollen wollte wurde wurden würde würden zu zum zur
zwar zwischen danke
"""
_FRENCH: Final = """
à afin ai aie ainsi alors après as assez au aucun aucune aujourd'hui aura aurait aussi autre autres aux avaient avais
avait avant avec avez avoir avons beaucoup bien bon car ce ceci cela celle celles celui cependant certains ces cet cette
ceux chaque chez chose choses comme comment contre dans de déjà depuis des deux devoir devrait dire dit doit donc dont
elle elles en encore entre es est et étaient étais était été être eu eux faire fait faut fois font ici il ils je jamais
juste la là laquelle le lequel les lesquels leur leurs lors lui ma mais me même mêmes merci mes mettre mieux moi moins
mon ne ni non nos notre nous on ont ou où oui par parce parfois pas pendant peu peut peuvent peux plus plusieurs plutôt
pour pourquoi pourrait pouvoir près presque puis quand que quel quelle quelles quelque quelques quels qui quoi rien sa
sans se sera serait ses seulement si sinon soi soit son sont sous souvent suis sur ta te tes toi ton toujours tous tout
du toute toutes très trop tu un une va vers voici voilà voir vos votre vous vraiment
"""
_SPANISH: Final = """
a acá ahí ahora al algo algún alguna algunas alguno algunos allí ante antes aquel aquella aquellos aquí así aún aunque
bien cada casi como cómo con contra cosa cosas cual cuál cuales cualquier cuando cuándo cuanto de debe deber debería del
demás demasiado desde después donde dónde dos durante e el él ella ellas ello ellos en entonces entre era eran eres es
esa esas ese eso esos esta está estaba estado estamos están estar estas este esto estos estoy fue fueron gracias gran ha
había habían haber hace hacer hacia han has hasta hay he hemos hizo incluso ir la las le les lo los luego más me mejor
menos mi mí mientras mis mismo mucha muchas mucho muchos muy nada nadie ni ningún ninguna no nos nosotros nuestra
nuestro nunca o os otra otras otro otros para parece pero poco poder podría por porque pues puede pueden puedo que qué
quien quién quiero quizás sea según ser si sí sido siempre sin sino sobre sois solo sólo son soy su sus tal también
tampoco tan tanto te tener tengo tenía ti tiene tienen toda todas todavía todo todos tu tú tus un una unas uno unos
usted ustedes va vez veces vosotros voy y ya yo
"""
_ARABIC: Final = """
أن إن إلى إلا أو أي أين أنا أنت أنتم أنها أنه إنه إنها إذا الآن التي الذي الذين اللي ان الى او اي انا انت اذا ايضا أيضا
أكثر أقل بأن بعد بعض بل بين به بها تكون تم ثم جدا جداً حتى حيث حين خلال دون ذلك رغم سوف شكرا شيء ضد عن عند عندما عندي
على علي عليه عليها غير فقط في فيه فيها قبل قد كان كانت كل كما كم كنت كيف كي لا لأن لان لدي لذلك لقد لكن لكي لم لما لماذا
لن له لها لو ليس ليست لي ما ماذا مازال مثل مع معه منذ من منها منه مهما نحن نعم هذا هذه هذي هل هم هنا هناك هو هي ولا
ولكن وهو وهي يا يتم يكون يمكن كثيرا اكثر بشكل يجب
"""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "ar": _set(_ARABIC),
        "de": _set(_GERMAN),
        "en": _set(_ENGLISH),
        "es": _set(_SPANISH),
        "fr": _set(_FRENCH),
    }
)
"""By base language."""

ANY_LANGUAGE: Final = frozenset().union(*STOP_WORDS.values())
"""For texts of another language, or of one that nobody told."""
