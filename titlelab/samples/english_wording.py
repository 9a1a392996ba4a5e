"""The English sample's tags, the sentences that tell or deny them, and what sellers add to any text."""

from titlelab.samples.material import Trait, tag_library

TAGS = tag_library(
    "Material: Metal | stainless steel | aluminum | steel",
    "Material: Cotton | percale | organic cotton",
    "Material: Linen | flax",
    "Material: Wool | merino",
    "Material: Wood | beech | wooden | ash",
    "Material: Ceramic | stoneware | porcelain",
    "Material: Leather | full-grain leather",
    "Material: Recycled Materials | recycled | post-consumer",
    "Use: Camping | campsite | under the stars",
    "Use: Hiking | trail | backpacking",
    "Use: Travel | trip | carry-on",
    "Use: Commuting | commute | daily ride",
    "Use: Running | runners | jogging",
    "Use: Cooking | stovetop | sear",
    "Use: Gardening | garden beds | yard work",
    "Use: Home Office | desk | workspace",
    "Use: Note-Taking | notes | journaling",
    "Use: Charging | charge | power up",
    "Use: Face Care | face | complexion",
    "Room: Bedroom | bedside | nightstand",
    "Room: Living Room | sofa | couch",
    "Room: Kitchen | kitchen counter | cabinet",
    "For Whom: For Men | men's | guys",
    "For Whom: For Women | women's | ladies",
    "For Whom: For Kids | children | toddlers",
    "For Whom: For Dogs | dog | pup",
    "For Whom: For Beginners | first-time | learners",
    "For Whom: For Families | family | the whole household",
    "For Whom: For Sensitive Skin | reactive skin | gentle",
    "Style: Minimalist | clean lines | pared-back",
    "Style: Vintage | retro | old-fashioned",
    "Style: Rustic | farmhouse | country cottage",
    "Color: Dark Colors | black | charcoal | navy",
    "Color: Neutral Tones | beige | oatmeal | natural",
    "Color: Bright Colors | vivid | bold color",
    "Feature: Waterproof | watertight | rainproof | weatherproof",
    "Feature: Leakproof | spill-proof | no leaks",
    "Feature: Insulated | double-wall | vacuum",
    "Feature: Dishwasher Safe | dishwasher | top rack",
    "Feature: Machine Washable | washing machine | machine wash",
    "Feature: Lightweight | featherweight | light to carry",
    "Feature: Space Saving | compact storage | foldable | packs flat",
    "Feature: Non-Slip | anti-slip | grippy",
    "Feature: Adjustable | dimmable | customizable",
    "Feature: Breathable | airy | ventilated",
    "Feature: Heavy Duty | rugged | tough",
    "Feature: Reflective | high-visibility | reflectors",
    "Feature: Fragrance-Free | unscented | no perfume",
    "Occasion: Gift Idea | gift | present",
    "Occasion: Back to School | school year | classroom",
    "Occasion: Housewarming | new home | first apartment",
    "Season: Summer | hot weather | warm nights",
    "Season: Winter | cold weather | snow",
    "Values: Eco-Friendly | sustainable | plastic-free",
    "Values: Handmade | hand-finished | artisan",
    "Values: Vegan | animal-free | cruelty-free",
    "Values: Multipack | value pack | set of",
)

TRAITS = {
    "Gift Idea": Trait(
        told=(
            "It arrives in a ribboned box with a blank card inside.",
            "A thoughtful present for birthdays and graduations.",
            "Makes an easy gift for someone who has everything.",
            "Comes wrapped and ready to hand over, no paper needed.",
        ),
        denied=(
            "Please note that gift receipts are not included.",
            "At present we ship within the country only.",
        ),
    ),
    "Housewarming": Trait(
        told=(
            "A nice thing to bring when friends move into their first apartment.",
            "Just got the keys? Start your new home with this one.",
            "Guests at a moving-in party will thank you for it.",
        ),
    ),
    "Back to School": Trait(
        told=(
            "Stock up before the school year begins.",
            "Ready for the first day of classes in September.",
            "Teachers tell us it survives a year in the classroom.",
        ),
        denied=("We are a small family firm, not a school supplier, so orders by the pallet wait.",),
    ),
    "Eco-Friendly": Trait(
        told=(
            "Shipped plastic-free in a plain card sleeve.",
            "Made to be repaired rather than thrown away, with low-impact dyes.",
            "A sustainable choice, and the factory runs on solar power.",
            "We plant a tree for each one sold and use no virgin plastic.",
        ),
    ),
    "Handmade": Trait(
        told=(
            "Every piece is hand-finished by a small team.",
            "Small differences show that people, not robots, put it together.",
            "Artisan work from a workshop of six.",
        ),
        denied=("Made by machine for an even result; for artisan pieces see our other store.",),
    ),
    "Vegan": Trait(
        told=(
            "Contains nothing from animals.",
            "Animal-free throughout, dyes included.",
            "Certified cruelty-free.",
        ),
        clashes=(
            "Wool",
            "Leather",
        ),
    ),
    "Minimalist": Trait(
        told=(
            "No logo, no fuss, just a quiet shape.",
            "Clean lines keep it from shouting.",
            "A pared-back look that suits almost any setting.",
            "Plain on purpose, so that nothing distracts the eye.",
        ),
        clashes=(
            "Bright Colors",
            "Rustic",
        ),
    ),
    "Vintage": Trait(
        told=(
            "It looks as though it came from your grandmother's attic.",
            "Retro details nod to the nineteen-fifties.",
            "An old-fashioned design that has aged well.",
        ),
        denied=("Production moved on from our retro range two years ago.",),
    ),
    "Rustic": Trait(
        told=(
            "Right at home in a farmhouse interior.",
            "Knots, grain and rough edges give it a cabin feel.",
            "Country cottage charm without the drafts.",
        ),
        clashes=("Minimalist",),
    ),
    "Waterproof": Trait(
        told=(
            "Sealed seams keep you dry in a downpour.",
            "Fully rainproof, tested for two hours under a shower.",
            "A watertight finish means weather is no worry.",
            "Rain simply beads up and rolls off, even after hours.",
        ),
        denied=(
            "It is not waterproof, so keep it dry.",
            "Waterproofing spray is sold separately.",
        ),
    ),
    "Leakproof": Trait(
        told=(
            "Toss it in your bag upside down, nothing drips.",
            "The gasket means no leaks on the way.",
            "A spill-proof closure clicks shut.",
        ),
        denied=("Not leakproof unless the lid is fully closed.",),
    ),
    "Dishwasher Safe": Trait(
        told=(
            "Goes on the top rack after use.",
            "All parts can be cleaned in the dishwasher.",
            "No scrubbing by hand, the machine does it.",
        ),
        denied=(
            "Hand wash only, it is not dishwasher safe.",
            "Keep it out of the dishwasher to protect the finish.",
        ),
    ),
    "Machine Washable": Trait(
        told=(
            "Throw it in the wash at 40 degrees and tumble dry low.",
            "Machine wash cold with similar colors.",
            "The whole thing survives the washing machine week after week.",
        ),
        denied=(
            "Not machine washable; have it cleaned by hand.",
            "Dry clean only, as the washing machine would ruin it.",
        ),
    ),
    "Lightweight": Trait(
        told=(
            "You will hardly notice you have it with you.",
            "Featherweight build, easy on the arms.",
            "So light to carry that you may forget it is there.",
            "Weighs less than you would think.",
        ),
        denied=("If you want lightweight, see our air series; this one has some heft.",),
        clashes=("Heavy Duty",),
    ),
    "Space Saving": Trait(
        told=(
            "Packs flat when you are done.",
            "Tucks into the narrowest gap you have.",
            "Foldable for compact storage.",
            "Ideal where every inch counts.",
        ),
    ),
    "Non-Slip": Trait(
        told=(
            "Rubber dots underneath keep it where you put it.",
            "The grippy surface holds on wet days too.",
            "Anti-slip underside.",
            "It stays put, even on polished floors.",
        ),
    ),
    "Adjustable": Trait(
        told=(
            "Set it the way you like with one hand.",
            "Customizable in seconds, no tools needed.",
            "A simple slider fits it to you.",
        ),
        denied=("The size is not adjustable.",),
    ),
    "Breathable": Trait(
        told=(
            "Airy enough for a long afternoon.",
            "Air moves through freely, so you do not overheat.",
            "Ventilated where it matters.",
        ),
    ),
    "Heavy Duty": Trait(
        told=(
            "Built tough for years of hard use.",
            "Treat it roughly, it can take a beating.",
            "Rugged enough to be dropped, dragged and stepped on.",
        ),
        denied=("For heavy duty work choose our trade line instead.",),
        clashes=("Lightweight",),
    ),
    "Reflective": Trait(
        told=(
            "Headlights pick you out from two hundred yards.",
            "High-visibility strips on three sides.",
            "Little reflectors flash after dark.",
        ),
    ),
    "Fragrance-Free": Trait(
        told=(
            "Unscented, so it will not clash with anything.",
            "We add no perfume at all.",
            "It smells of nothing, and that is intended.",
        ),
        denied=("Not fragrance-free: a hint of orange blossom lingers.",),
    ),
    "For Sensitive Skin": Trait(
        told=(
            "Tested by dermatologists on reactive skin.",
            "Calms easily irritated cheeks instead of stinging.",
            "Kind to people who go red at everything.",
        ),
        denied=("Sensitive skin may tingle; try a small patch first.",),
    ),
    "For Men": Trait(
        told=("Calms skin after a shave.", "Guys tend to like it, since it leaves no shine."),
        denied=("Not for men only, whatever the dark jar suggests.",),
    ),
    "For Beginners": Trait(
        told=(
            "A forgiving choice for first-time buyers.",
            "Never done this before? Start here.",
            "Learners get on with it from day one.",
        ),
        denied=("Made with experts in mind rather than beginners.",),
        clashes=("Heavy Duty",),
    ),
    "For Families": Trait(
        told=(
            "Enough for the whole household.",
            "Mom, dad and two little ones are all taken care of.",
            "A family favorite in our shop.",
        ),
        denied=("We have been a family business since 1987.",),
    ),
    "For Kids": Trait(
        told=(
            "Small hands manage it without help.",
            "Children love it.",
            "Rounded corners, because toddlers fall.",
        ),
        denied=("Not a toy, keep away from children.",),
    ),
    "Travel": Trait(
        told=(
            "Slips into a carry-on.",
            "Bring it along on your next trip.",
            "Airport days get a little easier.",
        ),
        denied=("Heavy, so better left at home on a trip.",),
    ),
    "Commuting": Trait(
        told=(
            "Survives the daily ride on a packed train.",
            "Good company on the way to work.",
            "Made for your commute.",
        ),
    ),
    "Hiking": Trait(
        told=(
            "Proven on long days in the hills.",
            "Bring it backpacking.",
            "A friend on every trail.",
        ),
        denied=("Meant for pavement rather than hiking.",),
    ),
    "Camping": Trait(
        told=(
            "At home on any campsite.",
            "Packed for weekends under the stars.",
            "Next to the fire pit it does the same job as at home.",
        ),
    ),
    "Home Office": Trait(
        told=(
            "Brings order to a workspace.",
            "Your video calls will look better for it.",
            "Sized for a small desk.",
        ),
        denied=("Call our help desk on weekdays.",),
    ),
    "Living Room": Trait(
        told=(
            "Looks good next to the couch.",
            "Put it where the family watches movies.",
            "Pairs well with a gray sofa.",
        ),
    ),
    "Bedroom": Trait(
        told=(
            "Fits on a nightstand.",
            "A calm touch where you sleep.",
            "Nice to have at the bedside.",
        ),
    ),
    "Summer": Trait(
        told=(
            "A relief in hot weather.",
            "Pleasant from June to September.",
            "Made for warm nights.",
        ),
        denied=("Our summer holidays may delay replies.",),
        clashes=("Winter",),
    ),
    "Winter": Trait(
        told=(
            "Ready for snow and ice.",
            "Holds up when temperatures drop below freezing.",
            "A cold weather staple.",
        ),
        denied=("Too thin for winter.",),
        clashes=("Summer",),
    ),
    "Leather": Trait(
        told=(
            "Full-grain leather trim ages with you.",
            "A stitched hide patch finishes the edge.",
            "The leather details come from a tannery nearby.",
        ),
        denied=("Goes well with your leather bag.", "No leather was used."),
        clashes=("Vegan",),
    ),
}

NOISE = (
    "Ships within two business days.",
    "Free returns for thirty days.",
    "Questions? Our team answers within a day.",
    "Thank you for supporting a small shop.",
    "Colors may differ slightly from screen to screen.",
    "Buy with confidence.",
    "Follow our store to hear about new arrivals.",
    "Packed with care and sent by tracked mail.",
    "One year of warranty is included.",
)
